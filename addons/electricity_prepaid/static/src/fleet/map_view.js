import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { Model, useModel } from "@web/model/model";
import { CogMenu } from "@web/search/cog_menu/cog_menu";
import { Layout } from "@web/search/layout";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { useSearchBarToggler } from "@web/search/search_bar/search_bar_toggler";
import { ActionHelper } from "@web/views/action_helper";
import { standardViewProps } from "@web/views/standard_view_props";

import { useLiveTerminals } from "./live";
import { clustersOf, hasPosition, HEIGHT, layOut, LEFT, roomForWords, WIDTH, windowOf } from "./plane";

const FIELDS = ["name", "code", "place", "latitude", "longitude", "fleet_state", "alarm_count"];
const MOST = 2000;
const DEEPEST = 16;
/** Conditions as they matter: the first get the room for their words. */
const WORST_FIRST = ["critical", "offline", "warning", "stopped", "out", "new", "ok"];
/** Sign of each condition, so that it is never told by colour alone. */
const SIGNS = { new: "…", ok: "✓", warning: "!", critical: "‼", offline: "✕", out: "–", stopped: "■" };

export class TerminalMapModel extends Model {
    setup(params) {
        this.resModel = params.resModel;
        this.terminals = [];
    }

    /** @param {Object} [params] as the search says; none: as before */
    async load(params) {
        this.params = params || this.params;
        const { domain, context } = this.params;
        const specification = Object.fromEntries(FIELDS.map((name) => [name, {}]));
        const { records } = await this.orm.webSearchRead(this.resModel, domain, {
            specification,
            context,
            limit: MOST,
        });
        this.terminals = records;
        this.notify();
    }
}

/** The terminals that share a place on the map: each can be opened. */
export class TerminalPlace extends Component {
    static template = "electricity_prepaid.TerminalPlace";
    static props = { title: String, terminals: Array, open: Function, close: { type: Function, optional: true } };
}

/** Terminals where they stand, on a plain plane: no map of anybody else is asked for. */
export class TerminalMapController extends Component {
    static template = "electricity_prepaid.TerminalMap";
    static components = { ActionHelper, CogMenu, Layout, SearchBar };
    static props = { ...standardViewProps, Model: Function };

    setup() {
        this.model = useModel(this.props.Model, { resModel: this.props.resModel });
        this.searchBarToggler = useSearchBarToggler();
        this.look = useState({ zoom: 1, x: WIDTH / 2, y: HEIGHT / 2 });
        this.popover = usePopover(TerminalPlace, { position: "right" });
        useBus(this.model.bus, "update", () => this.render(true));
        useLiveTerminals(() => this.model.load());
    }

    get words() {
        return {
            nearer: _t("Nearer"),
            farther: _t("Farther"),
            whole: _t("All"),
            north: _t("North"),
            south: _t("South"),
            west: _t("West"),
            east: _t("East"),
            plane: _t("Terminals where they stand, north up"),
            without: _t("Without a position"),
        };
    }

    get conditions() {
        const counts = {};
        for (const { fleet_state } of this.model.terminals) {
            counts[fleet_state] = (counts[fleet_state] || 0) + 1;
        }
        return this.props.fields.fleet_state.selection
            .filter(([state]) => counts[state])
            .map(([state, label]) => ({ state, label, sign: SIGNS[state], count: counts[state] }));
    }

    /** One sign for each terminal, or for those that stand too close to be told apart at this zoom. */
    get placed() {
        const terminals = this.model.terminals.filter(hasPosition);
        const points = layOut(terminals);
        const placed = terminals.map((terminal, index) => ({ ...this.describe(terminal), ...points[index] }));
        placed.sort((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state));
        const signs = clustersOf(placed, this.look.zoom).map(({ members }) => this.gather(members.map((at) => placed[at])));
        const room = roomForWords(
            signs.map(({ x, y, name, condition }) => ({ x, y, text: name.length > condition.length ? name : condition })),
            this.look.zoom
        );
        return signs.map((sign, index) => ({
            ...sign,
            hasWords: Boolean(room[index]),
            words: room[index] === LEFT ? { x: -17, anchor: "end" } : { x: 17, anchor: "start" },
        }));
    }

    /** What stands for terminals at one place: the worst of them and how many there are. */
    gather(members) {
        const [worst] = members;
        if (members.length === 1) {
            return { ...worst, members };
        }
        const alike = members.filter(({ state }) => state === worst.state).length;
        return {
            ...worst,
            members,
            sign: String(members.length),
            name: _t("%s terminals", members.length),
            condition: `${worst.condition}: ${alike}`,
            title: members.map(({ title }) => title).join("\n"),
        };
    }

    get unplaced() {
        return this.model.terminals.filter((terminal) => !hasPosition(terminal)).map((terminal) => this.describe(terminal));
    }

    describe(terminal) {
        const labels = Object.fromEntries(this.props.fields.fleet_state.selection);
        const condition = labels[terminal.fleet_state];
        const alarms = terminal.alarm_count ? _t("alarms: %s", terminal.alarm_count) : "";
        return {
            id: terminal.id,
            name: terminal.name,
            state: terminal.fleet_state,
            sign: SIGNS[terminal.fleet_state],
            condition,
            title: [terminal.name, terminal.code, terminal.place, condition, alarms].filter(Boolean).join(" · "),
        };
    }

    /** Lines behind the terminals; they go on where the screen is wider than the plane. */
    get grid() {
        return Array.from({ length: 31 }, (_, part) => part * 100 - 1000);
    }

    get window() {
        return windowOf(this.look);
    }

    get viewBox() {
        const { x, y, width, height } = this.window;
        return `${x} ${y} ${width} ${height}`;
    }

    /** Signs and words keep their size whatever the zoom. */
    place({ x, y }) {
        return `translate(${x} ${y}) scale(${1 / this.look.zoom})`;
    }

    zoom(factor) {
        const { x, y, width, height } = this.window;
        const zoom = Math.min(Math.max(this.look.zoom * factor, 1), DEEPEST);
        Object.assign(this.look, { zoom, x: x + width / 2, y: y + height / 2 });
    }

    move(right, down) {
        const { x, y, width, height } = this.window;
        Object.assign(this.look, { x: x + width / 2 + (right * width) / 3, y: y + height / 2 + (down * height) / 3 });
    }

    showAll() {
        Object.assign(this.look, { zoom: 1, x: WIDTH / 2, y: HEIGHT / 2 });
    }

    /** Open what a sign stands for; of several the one that is chosen from their list. */
    choose(event, { members, name }) {
        if (members.length === 1) {
            return this.open(members[0].id);
        }
        this.popover.open(event.currentTarget, { title: name, terminals: members, open: (id) => this.open(id) });
    }

    open(id) {
        this.popover.close();
        this.props.selectRecord(id, { activeIds: this.model.terminals.map((terminal) => terminal.id) });
    }

    onKey(event, sign) {
        if (["Enter", " "].includes(event.key)) {
            event.preventDefault();
            this.choose(event, sign);
        }
    }
}

export const terminalMapView = {
    type: "terminal_map",
    Controller: TerminalMapController,
    Model: TerminalMapModel,
    searchMenuTypes: ["filter", "favorite"],
    props: (generic, view) => ({ ...generic, Model: view.Model }),
};

registry.category("views").add("terminal_map", terminalMapView);
