import { Screen } from "./screen";

const NOTICE = "notice";

// Whoever stands here has chosen no language yet: each is spoken in its own words, as on the first screen.
const WORDS = {
    zh_CN: {
        title: "暂停服务",
        works: "已购电量和账户余额不受影响，电表照常使用。",
        next: (place) => `请到其他购电终端办理：${place}`,
        desk: (phone) => `请到服务网点办理，或拨打服务热线：${phone}`,
        anyDesk: "请到服务网点办理。",
    },
    en_US: {
        title: "Out of service",
        works: "What you have bought and your balance are safe, and your meter works as before.",
        next: (place) => `Another kiosk: ${place}`,
        desk: (phone) => `Please go to a service desk, or call ${phone}.`,
        anyDesk: "Please go to a service desk.",
    },
};

/** Nothing is offered here now: why, what works nevertheless, and where to go, in every language at once. */
export class OutOfServiceScreen extends Screen {
    static template = "kiosk_hw.OutOfServiceScreen";

    get code() {
        const { outOfService } = this.visit;
        return outOfService === NOTICE ? "" : outOfService;
    }

    get languages() {
        const { languages, texts, phone } = this.visit.facts;
        return languages.map(({ code: language }) => {
            const words = WORDS[language] || WORDS.en_US;
            const { notice, codes, next_place: place } = texts[language] || {};
            const desk = phone ? words.desk(phone) : words.anyDesk;
            return {
                code: language,
                title: words.title,
                reason: this.code ? codes?.[this.code] || "" : notice,
                works: words.works,
                next: place ? words.next(place) : desk,
            };
        });
    }
}
