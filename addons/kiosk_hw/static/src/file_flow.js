import { Refusal } from "./kiosk_server";
import { here, isExpected } from "./late";

/**
 * Shows the file of the customer who is known by a card or without one.
 *
 * @param {import("./kiosk_visit").KioskVisit} visit
 */
export async function openFile(visit) {
    const { token, snapshot } = await visit.who();
    const file = await here(visit, token ? visit.server.fileOf(token) : visit.server.file(snapshot));
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
    await visit.working(async () => {
        try {
            const { bills } = await here(visit, visit.server.arrears(await visit.who()));
            visit.file.bills = bills;
        } catch (error) {
            if (!isExpected(error)) {
                throw error;
            }
            // What is on file stays on the screen, with the time it was told.
        }
    });
}
