/** What keeps the terminal from selling, and not from reading a card: its clock, its journal, Odoo's word, what piles up. */
const READS_ALL_THE_SAME = ["P-109", "P-110", "T-102", "T-103", "T-105"];
/** What keeps it from selling more, and not from settling what is paid. */
const SETTLES_ALL_THE_SAME = ["T-105"];
const NO_READER = "P-107";
const SCANNER_DOWN = "T-310";
const READY = "ready";

function problemWithout({ reader }, passing) {
    if (!reader.heard) {
        return null;
    }
    const problem = reader.problems.find((code) => !passing.includes(code));
    return reader.downCode || problem || (reader.reader.state === "absent" ? NO_READER : null);
}

/**
 * @param {import("./kiosk_visit").KioskVisit} visit
 * @returns {string|null} why nothing is sold with a card now, as a code
 */
export function saleProblem(visit) {
    return problemWithout(visit, []);
}

/** @returns {string|null} why no card is written now for which is paid, as a code */
export function writeProblem(visit) {
    return problemWithout(visit, SETTLES_ALL_THE_SAME);
}

/** @returns {string|null} why no card can be read now, as a code */
export function readProblem(visit) {
    return problemWithout(visit, READS_ALL_THE_SAME);
}

/**
 * @returns {string|null} why nothing can be held before the scanner now, as a code. One that types like a keyboard is no
 *     device of the terminal: nobody knows how it is.
 */
export function scannerProblem({ reader }) {
    const scanner = reader.devices.find(({ kind }) => kind === "scanner");
    if (!scanner) {
        return null;
    }
    return reader.downCode || (scanner.state === READY ? null : SCANNER_DOWN);
}
