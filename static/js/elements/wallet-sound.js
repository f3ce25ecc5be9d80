// <wallet-sound>: the switch for the till's two notes. Its picture and its name say how it stands.

import { isOn, playPaid, turn, unlock } from "../lib/sound.js";

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
    this.button.setAttribute("aria-pressed", String(on));
  }
}

customElements.define("wallet-sound", WalletSound);
