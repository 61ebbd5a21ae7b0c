import { Screen } from "./screen";

// Each language is offered in its own words: whoever reads them chooses by that.
const WELCOME = {
    zh_CN: { title: "自助购电终端", start: "请触摸开始", cardIn: "卡已插入，请选择语言" },
    en_US: { title: "Electricity kiosk", start: "Touch to begin", cardIn: "Your card is in: touch your language" },
};

/** Nobody is here: what this machine is, in every language, and the way in. */
export class AttractScreen extends Screen {
    static template = "kiosk_hw.AttractScreen";

    /** With what a language says to whoever puts the card in first. */
    get languages() {
        return this.visit.facts.languages.map((language) => ({
            ...language,
            ...(WELCOME[language.code] || WELCOME.en_US),
        }));
    }
}
