import { _t } from "@web/core/l10n/translation";

import { ARREARS } from "../kiosk_visit";

/**
 * What the customer may do with the card while money is taken.
 *
 * @param {import("../kiosk_visit").KioskVisit} visit
 * @returns {string} "" when all is well
 */
export function cardWish(visit) {
    const { order, reader, cardDoubt } = visit;
    if (reader.cardIn) {
        const reason = cardDoubt && `${visit.sentence(cardDoubt)} (${cardDoubt.code})`;
        return cardDoubt ? _t("Please take this card out and put your own in again. %s", reason) : "";
    }
    return order.op === ARREARS ? "" : _t("Please put your card back in meanwhile.");
}
