// Charts are paths over a fixed number of slots, newest at the right. Widths are slots, heights are shares from 0 to 1.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 100;

/** Bands on top of each other, each a list of shares, oldest first. "down" grows from the middle downwards, "up" upwards, else from the bottom. */
export class Bands {
  constructor(svg, slots, bands, { middle = false } = {}) {
    this.slots = slots;
    this.middle = middle;
    svg.setAttribute("viewBox", `0 0 ${slots} ${HEIGHT}`);
    this.paths = bands.map(({ name, down }) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", name);
      svg.append(path);
      return { path, down: Boolean(down) };
    });
    if (middle) {
      const axis = document.createElementNS(SVG, "path");
      axis.setAttribute("class", "axis");
      axis.setAttribute("d", `M0 ${HEIGHT / 2}H${slots}`);
      svg.append(axis);
    }
  }

  /** @param {number[][]} shares One list for each band. Bands of one direction are stacked in their order. */
  draw(shares) {
    const scale = this.middle ? HEIGHT / 2 : HEIGHT;
    const floor = this.middle ? HEIGHT / 2 : HEIGHT;
    const reached = { up: [], down: [] };
    this.paths.forEach(({ path, down }, band) => {
      const stack = down ? reached.down : reached.up;
      const sign = down ? 1 : -1;
      const from = this.slots - shares[band].length;
      const inner = [], outer = [];
      shares[band].forEach((share, i) => {
        const base = stack[i] ?? 0;
        stack[i] = Math.min(1, base + share);
        const [near, far] = [base, stack[i]].map(value => (floor + sign * value * scale).toFixed(2));
        inner.push(`${from + i} ${near}`, `${from + i + 1} ${near}`);
        outer.push(`${from + i} ${far}`, `${from + i + 1} ${far}`);
      });
      path.setAttribute("d", outer.length === 0 ? "" : `M${outer.join("L")}L${inner.reverse().join("L")}Z`);
    });
  }
}

/** The value below which a share of a histogram's values lie, by straight lines within its buckets; null without values. */
export function percentile(bounds, counts, share) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let below = 0;
  for (let i = 0; i < counts.length; i++) {
    if (below + counts[i] >= share * total && counts[i] > 0) {
      const low = i === 0 ? 0 : bounds[i - 1];
      const high = bounds[i] ?? low;
      return low + (high - low) * (share * total - below) / counts[i];
    }
    below += counts[i];
  }
  return bounds.at(-1);
}
