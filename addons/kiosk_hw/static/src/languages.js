import { browser } from "@web/core/browser/browser";
import { translatedTerms, translatedTermsGlobal } from "@web/core/l10n/translation";

const ADDON = "kiosk_hw";

/**
 * The languages that a customer may choose. Odoo loads those of one at its start; a customer changes it in the middle
 * of a visit, so this addon's words of every language are fetched once and put in the place of the others.
 */
export class Languages {
    constructor() {
        this.terms = {};
    }

    /** @param {string[]} codes such as zh_CN */
    async load(codes) {
        await Promise.all(
            codes.map(async (lang) => {
                const response = await browser.fetch(
                    `/web/webclient/translations?lang=${encodeURIComponent(lang)}&mods=${ADDON}`,
                    { cache: "no-cache" }
                );
                const { modules } = await response.json();
                const messages = modules[ADDON]?.messages || [];
                this.terms[lang] = Object.fromEntries(messages.map(({ id, string }) => [id, string]));
            })
        );
    }

    /** Let `_t` of this addon speak a language from now on. */
    speak(lang) {
        const before = translatedTerms[ADDON] || {};
        const terms = this.terms[lang] || {};
        for (const id of Object.keys(before)) {
            delete translatedTermsGlobal[id];
        }
        translatedTerms[ADDON] = terms;
        Object.assign(translatedTermsGlobal, terms);
        document.documentElement.lang = lang.replace("_", "-");
    }
}
