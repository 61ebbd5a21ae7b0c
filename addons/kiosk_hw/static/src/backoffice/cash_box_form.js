import { registry } from "@web/core/registry";
import { formView } from "@web/views/form/form_view";
import { LiveFormController } from "@electricity_prepaid/fleet/live";

/** The form of a cash box: it is read anew when its terminal tells something, such as that the slip is printed. */
export class CashBoxFormController extends LiveFormController {
    terminalOf(record) {
        return record.data.terminal_id?.id;
    }
}

registry.category("views").add("kiosk_cash_box_live_form", { ...formView, Controller: CashBoxFormController });
