import { expect, test } from "@odoo/hoot";

import { clustersOf, HEIGHT, hasPosition, layOut, LEFT, RIGHT, roomForWords, WIDTH, windowOf } from "@electricity_prepaid/fleet/plane";

const at = (latitude, longitude) => ({ latitude, longitude });

test("north is up and east is right, and everything is on the plane", () => {
    const [north, south, east] = layOut([at(23, 108), at(22, 108), at(22.5, 109)]);
    expect(north.y).toBeLessThan(south.y);
    expect(east.x).toBeGreaterThan(north.x);
    for (const { x, y } of [north, south, east]) {
        expect(x >= 0 && x <= WIDTH && y >= 0 && y <= HEIGHT).toBe(true);
    }
});

test("one terminal is in the middle, and terminals in one hall are one sign however near one looks", () => {
    expect(layOut([at(22, 108)])).toEqual([{ x: WIDTH / 2, y: HEIGHT / 2 }]);
    const points = layOut(Array.from({ length: 20 }, () => at(22, 108)));
    for (const zoom of [1, 16]) {
        expect(clustersOf(points, zoom)).toEqual([{ x: WIDTH / 2, y: HEIGHT / 2, members: [...points.keys()] }]);
    }
});

test("neighbours are one sign from afar and two from near, and no signs touch", () => {
    const points = [
        { x: 100, y: 100 },
        { x: 400, y: 300 },
        { x: 110, y: 110 },
    ];
    expect(clustersOf(points, 1).map(({ members }) => members)).toEqual([[0, 2], [1]]);
    expect(clustersOf(points, 2).map(({ members }) => members)).toEqual([[0], [1], [2]]);
    const crowd = Array.from({ length: 300 }, (_, index) => ({ x: (index * 37) % 500, y: (index * 91) % 300 }));
    const signs = clustersOf(crowd, 1);
    const touch = (a, b) => a !== b && Math.hypot(a.x - b.x, a.y - b.y) < 26;
    expect(signs.some((sign) => signs.some((other) => touch(sign, other)))).toBe(false);
    expect(signs.flatMap(({ members }) => members).length).toBe(crowd.length);
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
    expect(roomForWords(points, 1)).toEqual([LEFT, RIGHT]);
    expect(roomForWords([...points, { x: 70, y: 110, text: "Third" }], 1)).toEqual([null, RIGHT, LEFT]);
    expect(roomForWords(points, 16)).toEqual([RIGHT, RIGHT]);
});

test("Chinese words take the room that they need", () => {
    const other = { x: 170, y: 100, text: "" };
    expect(roomForWords([{ x: 100, y: 100, text: "Hall" }, other], 1)[0]).toBe(RIGHT);
    expect(roomForWords([{ x: 100, y: 100, text: "营业大厅" }, other], 1)[0]).toBe(LEFT);
});
