import { isTerminalError } from "@electricity_prepaid/hw_client/errors";

import { Refusal } from "./kiosk_server";

/**
 * Shows the file of the customer who is known by a card or without one.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 */
export async function openFile(visit) {
    const { token, snapshot } = await visit.who();
    const file = token ? await visit.server.fileOf(token) : await visit.server.file(snapshot);
    if (!file.customer) {
        throw new Refusal(file.code, file.message);
    }
    visit.file = file;
    visit.show("file");
    await askWhatIsOwed(visit);
}

/** Arrears may be old: the newest come while the customer reads. */
async function askWhatIsOwed(visit) {
    const { marketing } = visit.file;
    if (!marketing?.state || marketing.state === "down") {
        return;
    }
    visit.busy = true;
    try {
        const { bills } = await visit.server.arrears(await visit.who());
        if (visit.file) {
            visit.file.bills = bills;
        }
    } catch (error) {
        if (!(error instanceof Refusal || isTerminalError(error))) {
            throw error;
        }
        // What is on file stays on the screen, with the time it was told.
    } finally {
        visit.busy = false;
    }
}
