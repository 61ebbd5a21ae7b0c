import { onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formView } from "@web/views/form/form_view";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { listView } from "@web/views/list/list_view";

export const CHANNEL = "electricity_terminals";
/** Milliseconds between two reloads of a screen, however many terminals change meanwhile. */
export const SELDOM = 3000;

/**
 * Reload a screen when the server says that terminals have changed; many changes at once make one reload.
 *
 * @param {(ids: Set<number>) => Promise<void>|void} reload gets the ids of the terminals that have changed
 */
export function useLiveTerminals(reload) {
    const bus = useService("bus_service");
    const changed = new Set();
    let timer = null;
    let reloadedAt = 0;
    const run = async () => {
        timer = null;
        reloadedAt = Date.now();
        const ids = new Set(changed);
        changed.clear();
        await reload(ids);
    };
    const onChange = ({ ids }) => {
        ids.forEach((id) => changed.add(id));
        timer ||= browser.setTimeout(run, Math.max(0, SELDOM - (Date.now() - reloadedAt)));
    };
    bus.addChannel(CHANNEL);
    bus.subscribe(CHANNEL, onChange);
    onWillUnmount(() => {
        browser.clearTimeout(timer);
        bus.unsubscribe(CHANNEL, onChange);
    });
}

/** A controller of a list or kanban whose rows are read anew when terminals change, unless somebody works in one. */
const live = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            useLiveTerminals(() => {
                const { root } = this.model;
                if (!root.editedRecord && !root.selection?.length) {
                    return root.load();
                }
            });
        }
    };

export class LiveFormController extends formView.Controller {
    setup() {
        super.setup();
        useLiveTerminals(async (ids) => {
            const { root } = this.model;
            if (ids.has(this.terminalOf(root)) && !(await root.isDirty())) {
                await root.load();
            }
        });
    }

    /** The id of the terminal that a record is about. */
    terminalOf(record) {
        return record.resId;
    }
}

const views = registry.category("views");
views.add("electricity_terminal_live_list", { ...listView, Controller: live(listView.Controller) });
views.add("electricity_terminal_live_kanban", { ...kanbanView, Controller: live(kanbanView.Controller) });
views.add("electricity_terminal_live_form", { ...formView, Controller: LiveFormController });
