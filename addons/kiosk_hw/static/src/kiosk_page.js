import { registry } from "@web/core/registry";
import { patch } from "@web/core/utils/patch";
import { session } from "@web/session";
import { Chrome } from "@point_of_sale/app/pos_app";
import { PosStore } from "@point_of_sale/app/services/pos_store";

import { breakdown, KioskPage } from "./kiosk";

export const PAGE = "ElectricityKiosk";

/** Whether this point of sale is a kiosk: its page, and nothing else of the point of sale, is shown. */
export const isKiosk = Boolean(session.electricity_kiosk);

if (isKiosk) {
    registry.category("pos_pages").add(PAGE, {
        name: PAGE,
        component: KioskPage,
        route: "/electricity/kiosk",
        params: {},
    });

    // Before all others, which would open windows for employees.
    registry.category("error_handlers").add("kiosk", (_env, error) => breakdown(error), { sequence: 0 });

    patch(PosStore.prototype, {
        get firstPage() {
            return { page: PAGE, params: {} };
        },
        get defaultPage() {
            return { page: PAGE, params: {} };
        },
        get idleTimeout() {
            // The page has its own, for each question.
            return [];
        },
        async closingSessionNotification() {
            // Sessions of a kiosk roll over on the server; whoever stands here does not notice.
        },
    });

    patch(Chrome.prototype, {
        sendOrderToCustomerDisplay() {
            // There is no order in the browser, and nobody on the other side of it.
        },
    });
}
