import { expect, test } from "@odoo/hoot";

import { HEIGHT, hasPosition, layOut, roomForWords, WIDTH, windowOf } from "@electricity_prepaid/fleet/plane";

const at = (latitude, longitude) => ({ latitude, longitude });

test("north is up and east is right, and everything is on the plane", () => {
    const [north, south, east] = layOut([at(23, 108), at(22, 108), at(22.5, 109)]);
    expect(north.y).toBeLessThan(south.y);
    expect(east.x).toBeGreaterThan(north.x);
    for (const { x, y } of [north, south, east]) {
        expect(x >= 0 && x <= WIDTH && y >= 0 && y <= HEIGHT).toBe(true);
    }
});

test("one terminal is in the middle, and terminals in one hall do not hide each other", () => {
    expect(layOut([at(22, 108)])).toEqual([{ x: WIDTH / 2, y: HEIGHT / 2 }]);
    const points = layOut(Array.from({ length: 20 }, () => at(22, 108)));
    for (const [index, { x, y }] of points.entries()) {
        const others = points.filter((_point, other) => other !== index);
        expect(others.every((other) => Math.hypot(other.x - x, other.y - y) >= 26)).toBe(true);
    }
});

test("what nobody has placed has no position", () => {
    expect(hasPosition(at(0, 0))).toBe(false);
    expect(hasPosition(at(0, 108))).toBe(true);
});

test("nobody can move away from the plane", () => {
    expect(windowOf({ zoom: 1, x: -500, y: 9000 })).toEqual({ x: 0, y: 0, width: WIDTH, height: HEIGHT });
    expect(windowOf({ zoom: 2, x: 5000, y: -5000 })).toEqual({ x: WIDTH / 2, y: 0, width: WIDTH / 2, height: HEIGHT / 2 });
});

test("words give way to those that matter more, and come back nearer", () => {
    const points = [
        { x: 100, y: 100, text: "Critical one" },
        { x: 110, y: 112, text: "Another" },
    ];
    expect(roomForWords(points, 1)).toEqual([false, true]);
    expect(roomForWords(points, 16)).toEqual([true, true]);
});
