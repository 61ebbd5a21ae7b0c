"""The one exception of this package."""

from .codes import text


class Refusal(Exception):
    """An expected "no": a code of the catalogue and the values for its sentence.

    It is a result, not a bug: callers turn it into ``{"ok": False, "code": …}`` and commit.

    :param code: a code of ``docs/protocol`` §5, such as ``"S-104"``
    :param params: values for the placeholders of the code's sentence, already formatted (``"100.00"``)
    """

    def __init__(self, code, **params):
        super().__init__(code)
        self.code = code
        self.params = params

    def message(self, lang="en"):
        """Return the sentence for people.

        :param lang: ``"en"``, ``"zh"`` or an Odoo language such as ``"zh_CN"``
        """
        return text(self.code, lang, **self.params)

    def __str__(self):
        return f"{self.code} {self.message()}"
