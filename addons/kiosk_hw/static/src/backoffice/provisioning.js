import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "electricity.kiosk.setup";

/**
 * Makes the kiosks of a preview, some in each call, and shows their pairing codes. The codes are here only: they are
 * neither stored nor shown again, new ones can be made.
 */
export class Provisioning extends Component {
    static template = "kiosk_hw.Provisioning";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ rows: [], wrong: [], done: 0, total: 0, running: true, minutes: 0 });
        onMounted(() => this.run());
        onWillUnmount(() => (this.gone = true));
    }

    get setupId() {
        return this.props.action.params.setup;
    }

    async run() {
        try {
            let left = 1;
            while (left && !this.gone) {
                const answer = await this.orm.silent.call(MODEL, "make_some", [this.setupId]);
                this.state.rows.push(...answer.rows);
                ({ left } = answer);
                const { wrong, done, total, minutes } = answer;
                Object.assign(this.state, { wrong, done, total, minutes });
            }
        } finally {
            this.state.running = false;
        }
    }

    async newCodes() {
        this.state.running = true;
        try {
            const { rows, minutes } = await this.orm.call(MODEL, "new_codes", [this.setupId]);
            const failed = this.state.rows.filter((row) => row.state === "failed");
            Object.assign(this.state, { rows: [...rows, ...failed], minutes });
        } finally {
            this.state.running = false;
        }
    }

    /** Why there is no code: it is paired. */
    hint(row) {
        return row.pairing_code ? "" : { active: _t("paired"), quarantined: _t("paired"), disabled: _t("disabled") }[row.terminal_state] || "";
    }

    get labels() {
        return this.state.rows.filter((row) => row.pairing_code);
    }

    get failures() {
        return [...this.state.wrong, ...this.state.rows.filter((row) => row.problem)];
    }

    get words() {
        const { done, total, minutes, rows } = this.state;
        const lasts = minutes < 60 ? _t("%s minutes", minutes) : _t("%s hours", minutes / 60);
        return {
            progress: _t("%(done)s of %(total)s", { done, total }),
            result: _t("%(made)s made, %(kept)s kept as they were, %(failed)s not made.", {
                made: rows.filter((row) => row.state === "made").length,
                kept: rows.filter((row) => row.state === "kept").length,
                failed: this.state.wrong.length + rows.filter((row) => row.state === "failed").length,
            }),
            once: _t("The codes work once and for %s. They are not kept anywhere: print them, or make new ones later.", lasts),
        };
    }

    command(row) {
        return `runuser -u hw-proxy -- hw-proxy pair ${row.pairing_code}`;
    }

    print() {
        browser.print();
    }

    openKiosks() {
        return this.action.doAction("kiosk_hw.pos_config_action", { clearBreadcrumbs: true });
    }
}

registry.category("actions").add("kiosk_hw.provisioning", Provisioning);
