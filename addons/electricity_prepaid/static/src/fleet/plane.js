/** Where terminals lie on a plane: pure functions. */

export const WIDTH = 1000;
export const HEIGHT = 620;
const MARGIN = 60;
/** Degrees: what lies closer together is not spread over the whole plane. */
const SMALLEST = 0.01;
const DISTANCE = 26;

/**
 * Whether somebody has said where a terminal stands. Zero and zero, in the sea, is what nobody has said.
 *
 * @param {{latitude: number, longitude: number}} terminal
 */
export function hasPosition({ latitude, longitude }) {
    return Boolean(latitude || longitude);
}

/**
 * Lay terminals out, north up, with the same scale in both directions.
 *
 * @param {{latitude: number, longitude: number}[]} terminals with positions
 * @returns {{x: number, y: number}[]} on a plane of WIDTH × HEIGHT, in their order
 */
export function layOut(terminals) {
    if (!terminals.length) {
        return [];
    }
    const latitudes = terminals.map(({ latitude }) => latitude);
    const longitudes = terminals.map(({ longitude }) => longitude);
    const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
    const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
    // A degree of longitude is shorter than one of latitude.
    const narrow = Math.max(Math.cos((((north + south) / 2) * Math.PI) / 180), 0.01);
    const wide = Math.max((east - west) * narrow, SMALLEST);
    const high = Math.max(north - south, SMALLEST);
    const scale = Math.min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high);
    return terminals.map(({ latitude, longitude }) => ({
        x: WIDTH / 2 + (longitude - (west + east) / 2) * narrow * scale,
        y: HEIGHT / 2 - (latitude - (south + north) / 2) * scale,
    }));
}

/**
 * Gather points whose signs would hide each other at this zoom, such as terminals in one hall.
 *
 * @param {{x: number, y: number}[]} points on the plane, the most important first
 * @param {number} zoom signs keep their size, so nearer has more of them
 * @returns {{x: number, y: number, members: number[]}[]} where the first of each stands, and the places in `points`
 */
export function clustersOf(points, zoom) {
    const clusters = [];
    points.forEach(({ x, y }, index) => {
        const near = clusters.find((other) => Math.hypot(other.x - x, other.y - y) * zoom < DISTANCE);
        if (near) {
            near.members.push(index);
        } else {
            clusters.push({ x, y, members: [index] });
        }
    });
    return clusters;
}

/**
 * The part of the plane that is shown.
 *
 * @param {{zoom: number, x: number, y: number}} look zoom from 1, and the middle of what is shown
 * @returns {{x: number, y: number, width: number, height: number}} inside the plane
 */
export function windowOf({ zoom, x, y }) {
    const width = WIDTH / zoom;
    const height = HEIGHT / zoom;
    const inside = (middle, size, whole) => Math.min(Math.max(middle - size / 2, 0), whole - size);
    return { x: inside(x, width, WIDTH), y: inside(y, height, HEIGHT), width, height };
}

const LABEL = { beside: 17, above: 12, below: 18, letter: 7.5, wide: 12.5 };
const SIGN = 13;
/** From here on letters are as wide as high: Chinese. */
const WIDE = 0x2e80;
export const RIGHT = "right";
export const LEFT = "left";

/**
 * At which side of their signs points have room for their words: none hides another's words or sign. Who has none shows
 * them nearer.
 *
 * @param {{x: number, y: number, text: string}[]} points on the plane, the most important first
 * @param {number} zoom signs and words keep their size, so nearer has more room
 * @returns {(string|null)[]} RIGHT, LEFT or null, in their order
 */
export function roomForWords(points, zoom) {
    const signs = points.map(({ x, y }) => box(x * zoom - SIGN, y * zoom - SIGN, x * zoom + SIGN, y * zoom + SIGN));
    const taken = [];
    return points.map(({ x, y, text }, index) => {
        const others = signs.filter((_sign, other) => other !== index);
        const [top, bottom] = [y * zoom - LABEL.above, y * zoom + LABEL.below];
        for (const side of [RIGHT, LEFT]) {
            const near = x * zoom + (side === RIGHT ? LABEL.beside : -LABEL.beside);
            const far = near + (side === RIGHT ? widthOf(text) : -widthOf(text));
            const label = box(Math.min(near, far), top, Math.max(near, far), bottom);
            if (![...taken, ...others].some((other) => overlap(label, other))) {
                taken.push(label);
                return side;
            }
        }
        return null;
    });
}

const widthOf = (text) =>
    [...text].reduce((width, letter) => width + (letter.codePointAt(0) >= WIDE ? LABEL.wide : LABEL.letter), 0);
const box = (left, top, right, bottom) => ({ left, top, right, bottom });
const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
