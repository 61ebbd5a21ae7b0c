/** Seconds that a question waits before the visit ends; screens that are not here wait for ever. */
export const PATIENCE = {
    services: 60,
    card: 60,
    put_back: 60,
    identify: 90,
    file: 120,
    bills: 120,
    elsewhere: 90,
    amount: 90,
    confirm: 90,
    choose_payment: 90,
    unclear: 60,
    kept: 60,
    nothing: 60,
    refused: 60,
    done: 60,
    take: 60,
};

/** Screens that show what only the owner of the card is to see. */
export const SHOWN_TO_OWNER = ["amount", "confirm", "file", "bills", "elsewhere"];

/** Screens on which nothing is under way: who takes the card out has ended the visit. */
export const LEAVES_WITH_CARD = ["amount", "confirm", "file", "bills", "elsewhere", "nothing", "refused", "unclear", "done", "take"];
