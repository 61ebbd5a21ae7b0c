"""Whether what is on the kiosk's screen can be read and touched: nothing is cut off, hidden, too small or on top."""

MEASURE = r"""
() => {
    const TEXT = 28, TARGET = 88, CONTRAST = 7, FRAME = 3;
    const wrong = [];
    const root = document.querySelector(".o_kiosk");
    if (!root) {
        return [];
    }
    const name = (element) => `${element.tagName.toLowerCase()}.${element.className.baseVal ?? element.className} ` +
        `“${(element.innerText || "").slice(0, 40)}”`;
    const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) &&
        element.getBoundingClientRect().width && element.getBoundingClientRect().height;
    const isWithin = (inner, outer) => inner.left >= outer.left - 1 && inner.right <= outer.right + 1 &&
        inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
    const overlap = (one, two) => Math.min(one.right, two.right) - Math.max(one.left, two.left) > 1 &&
        Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > 1;
    const all = (scope, selector) => [...scope.querySelectorAll(selector)].filter(isSeen);
    const box = (element) => element.getBoundingClientRect();

    const frame = all(root, ".o_kiosk_body > main, .o_kiosk_keys > button, .o_kiosk_footer > *");
    for (const [index, part] of frame.entries()) {
        if (!isWithin(box(part), { left: 0, top: 0, right: innerWidth, bottom: innerHeight })) {
            wrong.push(`leaves the screen: ${name(part)}`);
        }
        for (const other of frame.slice(index + 1)) {
            if (overlap(box(part), box(other))) {
                wrong.push(`lies on each other: ${name(part)} and ${name(other)}`);
            }
        }
    }
    for (const scope of root.querySelectorAll(".o_kiosk_body > main, .o_kiosk_dialog")) {
        if (scope.scrollHeight > scope.clientHeight + 1 || scope.scrollWidth > scope.clientWidth + 1) {
            const { scrollWidth, scrollHeight, clientWidth, clientHeight } = scope;
            wrong.push(`has to be scrolled: ${scrollWidth} × ${scrollHeight} in ${clientWidth} × ${clientHeight}`);
        }
        for (const element of all(scope, "*:not(svg *)")) {
            if (!isWithin(box(element), box(scope))) {
                wrong.push(`is cut off: ${name(element)}`);
            }
            const beside = [...element.parentElement.children].filter((other) => other !== element && isSeen(other));
            for (const other of beside) {
                if (element.compareDocumentPosition(other) & 4 && overlap(box(element), box(other))) {
                    wrong.push(`lies on each other: ${name(element)} and ${name(other)}`);
                }
            }
            if (!element.closest("svg") && element.scrollWidth > element.clientWidth + 1 && element.clientWidth) {
                wrong.push(`is wider than its place: ${name(element)}`);
            }
        }
    }
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        const size = parseFloat(getComputedStyle(element).fontSize);
        if (texts.currentNode.data.trim() && isSeen(element) && size < TEXT) {
            wrong.push(`is ${size} px: ${name(element)}`);
        }
    }
    const channels = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
    const luminance = ([red, green, blue]) => [red, green, blue]
        .map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
    const behind = (element) => {
        const colour = channels(getComputedStyle(element).backgroundColor);
        return colour.length === 3 || !element.parentElement ? colour : behind(element.parentElement);
    };
    const contrast = (one, two) => {
        const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    const written = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (written.nextNode()) {
        const element = written.currentNode.parentElement;
        if (written.currentNode.data.trim() && isSeen(element) && !element.closest(":disabled")) {
            const found = contrast(channels(getComputedStyle(element).color), behind(element));
            if (found < CONTRAST) {
                wrong.push(`has a contrast of ${found.toFixed(1)}: ${name(element)}`);
            }
        }
    }
    const focused = root.querySelector(":focus-visible");
    if (focused) {
        const frame = channels(getComputedStyle(focused).outlineColor);
        const around = Math.min(contrast(frame, behind(focused.parentElement)), contrast(frame, [255, 255, 255]));
        if (around < FRAME || getComputedStyle(focused).boxShadow === "none") {
            wrong.push(`has a frame with a contrast of ${around.toFixed(1)}: ${name(focused)}`);
        }
    }
    for (const button of all(root, "button")) {
        const { width, height } = box(button);
        if (width < TARGET || height < TARGET) {
            wrong.push(`is ${Math.round(width)} × ${Math.round(height)} px: ${name(button)}`);
        }
    }
    return [...new Set(wrong)];
}
"""


def wrong_with(page):
    """Return what is wrong with the screen that is shown, as sentences; nothing while all is well.

    Text is 28 px or more with a contrast of 7:1, what is touched 88 px or more, and the frame of what has the focus has
    a contrast of 3:1 (WCAG 2.2, 1.4.6 and 2.4.13).

    :param page: of the browser, at the kiosk's page
    """
    return page.evaluate(MEASURE)
