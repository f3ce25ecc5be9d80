/** Drawing a QR code in the browser, with DOM methods only, so that it works without a network. */

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4;

function part(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

/** Find the encoder: a function text -> <svg class="code">; undefined when it did not come. */
export async function findDrawer() {
  try {
    const { encodeQR } = await import("../../vendor/qr/index.js");
    return (text, label) => draw(encodeQR(text, "raw", { ecc: "medium", border: QUIET }), label);
  } catch {
    return undefined;
  }
}

function draw(rows, label) {
  const size = rows.length;
  const steps = [];
  rows.forEach((row, y) => {
    for (let x = 0; x < size; x += 1) {
      if (!row[x]) continue;
      const start = x;
      while (row[x + 1]) x += 1;
      steps.push(`M${start} ${y}h${x - start + 1}v1h-${x - start + 1}z`);
    }
  });
  const svg = part("svg", {
    class: "code", viewBox: `0 0 ${size} ${size}`, "shape-rendering": "crispEdges", role: "img", "aria-label": label,
  });
  svg.append(part("rect", { width: size, height: size }), part("path", { d: steps.join("") }));
  return svg;
}
