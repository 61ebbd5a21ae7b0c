import { Component, onError, onWillStart, onWillUnmount, useEffect, useExternalListener, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { usePos } from "@point_of_sale/app/hooks/pos_hook";

import { KioskCardTerminal } from "./card_terminal";
import { HelpDialog } from "./help";
import { Keypad } from "./keypad";
import { KioskServer, startOver } from "./kiosk_server";
import { KioskVisit } from "./kiosk_visit";
import { Languages } from "./languages";
import { resume } from "./resume";
import { AmountScreen } from "./screens/amount";
import { AttractScreen } from "./screens/attract";
import { BankCardScreen } from "./screens/bank_card";
import { BillsScreen } from "./screens/bills";
import { CardScreen } from "./screens/card";
import { ChoosePaymentScreen } from "./screens/choose_payment";
import { ConfirmScreen } from "./screens/confirm";
import { ElsewhereScreen } from "./screens/elsewhere";
import { FileScreen } from "./screens/file";
import { IdentifyScreen } from "./screens/identify";
import { MessageScreen } from "./screens/message";
import { OutOfServiceScreen } from "./screens/out_of_service";
import { PayingScreen } from "./screens/paying";
import { QrScreen } from "./screens/qr";
import { ServicesScreen } from "./screens/services";
import { WritingScreen } from "./screens/writing";
import { useServiceWatch } from "./service_watch";

const SCREENS = {
    attract: AttractScreen,
    services: ServicesScreen,
    card: CardScreen,
    put_back: CardScreen,
    identify: IdentifyScreen,
    bills: BillsScreen,
    elsewhere: ElsewhereScreen,
    reading: WritingScreen,
    writing: WritingScreen,
    file: FileScreen,
    amount: AmountScreen,
    confirm: ConfirmScreen,
    choose_payment: ChoosePaymentScreen,
    paying: PayingScreen,
    qr: QrScreen,
    bank_card: BankCardScreen,
    unclear: MessageScreen,
    kept: MessageScreen,
    done: MessageScreen,
    nothing: MessageScreen,
    refused: MessageScreen,
    take: CardScreen,
};

let terminalUrl = null;
let trail = null;

/**
 * Whatever nobody expected: a customer never sees how it looks inside. The log of the browser has it, and the kiosk
 * begins again; what was paid or written is known to server and terminal.
 */
export function breakdown(error) {
    browser.console.error(error);
    trail?.broke(error);
    if (terminalUrl) {
        startOver(terminalUrl, "fault");
    }
    return true;
}

/** The whole screen of a kiosk: a frame with the help line, and one question at a time. */
export class KioskPage extends Component {
    static template = "kiosk_hw.KioskPage";
    static components = { HelpDialog };
    static props = {};
    static storeOnOrder = false;

    setup() {
        const languages = new Languages();
        const pos = usePos();
        const server = new KioskServer(useService("orm"), () => this.visit.language);
        this.visit = useState(
            new KioskVisit({
                server,
                speak: (language) => languages.speak(language),
                startOver: () => startOver(this.visit.facts.terminal.proxy_url),
                cardTerminal: () => KioskCardTerminal.of(pos),
            })
        );
        this.idle = useState(this.visit.idle);
        this.reader = useState(this.visit.reader);
        this.state = useState({ help: false, keys: false });
        const watch = useServiceWatch(this.visit, server);
        trail = server.trail;
        this.useKeypad();
        useEffect(
            () => {
                // Help is about what it was opened over, and for who opened it.
                this.state.help = false;
            },
            () => [this.visit.screen, this.visit.number]
        );
        useExternalListener(window, "click", (event) => trail.touched(event.target), { capture: true });
        useExternalListener(window, "pointerdown", () => this.visit.idle.extend(), { capture: true });
        useExternalListener(window, "contextmenu", (event) => event.preventDefault());
        onError((error) => breakdown(error));
        onWillStart(async () => {
            const facts = await server.startWhile();
            terminalUrl = facts.terminal.proxy_url;
            await languages.load(facts.languages.map(({ code }) => code));
            this.visit.open(facts);
            this.visit.speak(this.visit.language);
            watch();
            this.visit.resumed = resume(this.visit);
        });
        onWillUnmount(() => this.visit.reader.leave());
    }

    /** Everything can be done with digits, Enter, Escape, arrows and an asterisk; a scanner may type too. */
    useKeypad() {
        const keypad = new Keypad({
            root: () => document.querySelector(".o_kiosk"),
            onHelp: () => (this.state.help = !this.state.help),
            onScan: (code) => this.visit.onScan(code),
        });
        const onKey = (event) => {
            const isWarning = this.idle.isWarning;
            this.visit.idle.extend();
            this.state.keys = true;
            // The key that asks for more time means nothing else.
            if (!isWarning) {
                keypad.onKey(event);
            }
        };
        useExternalListener(window, "keydown", onKey, { capture: true });
        useEffect(
            () => keypad.focusFirst(),
            () => [this.visit.screen, this.visit.language, this.state.help, this.idle.isWarning]
        );
    }

    get Screen() {
        return this.visit.outOfService && this.visit.screen === "attract" ? OutOfServiceScreen : SCREENS[this.visit.screen];
    }

    get words() {
        const { terminal } = this.visit.facts;
        return {
            help: _t("Help"),
            goOn: _t("I need more time"),
            ends: _t("This visit ends in %s s.", this.idle.left),
            terminal: _t("Terminal %s", terminal.code),
        };
    }
}
