import { _t } from "@web/core/l10n/translation";

/**
 * Prints a receipt from a hidden frame, so that the counter stays where it is.
 *
 * @param {string} url of the page with the receipt
 * @returns {Promise<void>} once the page was handed to the printer
 */
export async function printPage(url) {
    const frame = document.createElement("iframe");
    frame.className = "o_electricity_receipt_frame";
    frame.title = _t("Receipt");
    frame.setAttribute("aria-hidden", "true");
    const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
    frame.src = url;
    document.querySelectorAll(`.${frame.className}`).forEach((old) => old.remove());
    document.body.append(frame);
    await loaded;
    frame.contentWindow.print();
}
