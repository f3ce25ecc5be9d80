// <wallet-sound>: the switch for the till's two notes. Its picture and its name say how it stands.

import { isOn, playPaid, turn, unlock } from "../lib/sound.js";
import { showState } from "../lib/states.js";

class WalletSound extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button.hidden = false;
    this.button.onclick = () => {
      turn(!isOn());
      unlock();
      playPaid();
      this.draw();
    };
    this.draw();
  }

  draw() {
    const on = isOn();
    this.button.setAttribute("aria-label", on ? this.dataset.on : this.dataset.off);
    showState(this, on ? "on" : "off");
  }
}

customElements.define("wallet-sound", WalletSound);
