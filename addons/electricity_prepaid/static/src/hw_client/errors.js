/** The page could not reach the terminal, or got no answer in time (docs/protocol, §5). */
export const UNREACHABLE = "P-115";
export const BAD_TOKEN = "P-103";
export const READER_BUSY = "P-113";
export const JOB_UNKNOWN = "P-112";

/**
 * What the terminal answered instead of a result. Texts belong to Odoo's catalogue of codes, so only the code and its
 * parameters travel.
 */
export class TerminalError extends Error {
    /**
     * @param {string} code of docs/protocol, §5
     * @param {Object} [params] values that the sentence of that code names
     */
    constructor(code, params = {}) {
        super(code);
        this.name = "TerminalError";
        this.code = code;
        this.params = params;
    }
}

/**
 * @param {unknown} error anything that was thrown
 * @param {string} [code] when given, only this code counts
 * @returns {boolean} whether the terminal's answer, or its silence, was the cause
 */
export function isTerminalError(error, code) {
    return error instanceof TerminalError && (code === undefined || error.code === code);
}
