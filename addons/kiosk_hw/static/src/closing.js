import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { ClosePosPopup } from "@point_of_sale/app/components/popups/closing_popup/closing_popup";

/** Whoever closes a kiosk's session by hand: its orders are made by the server, none can be reviewed or cancelled. */
patch(ClosePosPopup.prototype, {
    async handleClosingError(response) {
        if (!this.pos.config.is_electricity_kiosk || response.redirect) {
            return super.handleClosingError(response);
        }
        this.dialog.add(ConfirmationDialog, {
            title: _t("The session stays open"),
            body: response.message,
            confirmLabel: _t("Try Again"),
            cancelLabel: _t("Back"),
            confirm: () => {
                // The server brings in what waits, and says anew what is expected.
                this.props.close();
                this.pos.closeSession();
            },
            cancel: () => {},
        });
    },
});
