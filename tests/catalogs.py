"""What would break a translated page: gaps that a sentence lacks or never had, plural forms, a language nobody knows.

`python -m tests.catalogs FOLDER` tells how far each language in a folder is and what is wrong with it; faults fail.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from wallet.web.language import NOT_WORDS


class Anything(dict[str, int]):
    """Fill any gap."""

    def __missing__(self, name: str) -> int:
        return 0


def read(path: Path) -> Catalog:
    """Read `<tag>/messages.po`.

    Raises: ValueError, UnknownLocaleError, PoFileError.
    """
    tag = path.parent.name
    Locale.parse(tag, sep="-")
    with path.open("rb") as source:
        return read_po(source, locale=tag.replace("-", "_"), abort_invalid=True)


def translated(catalog: Catalog) -> list[Message]:
    """Give the sentences that readers see in the catalog's language: not those that somebody has still to look at."""
    return [each for each in catalog if each.id and not each.fuzzy and any(_forms(each.string))]


def faults(message: Message, plurals: int) -> Iterator[str]:
    """Tell what is wrong with a translated sentence of a language with so many plural forms."""
    originals, forms = _forms(message.id), _forms(message.string)
    if message.pluralizable and (len(forms) != plurals or not all(forms)):
        yield f"{len(list(filter(None, forms)))} plural forms where the language has {plurals}"
    held = [set(NOT_WORDS.findall(each)) for each in originals]
    for form in filter(None, forms):
        found = set(NOT_WORDS.findall(form))
        # Of one thing a sentence may leave the number out; whatever else it holds, it holds in every language.
        yield from (f"lacks {gap} in {form!r}" for gap in sorted(set.intersection(*held) - found))
        yield from (f"has no {gap} to fill in {form!r}" for gap in sorted(found - set.union(*held)))
        if _is_filled(originals[0]) and not _is_filled(form):
            yield f"a single % in {form!r}: write %%"


def _forms(sentences: "str | list[str] | tuple[str, ...]") -> tuple[str, ...]:
    return (sentences,) if isinstance(sentences, str) else tuple(sentences)


def _is_filled(sentence: str) -> bool:
    try:
        return bool(sentence % Anything())
    except (TypeError, ValueError):
        return False


def main(folder: Path) -> int:
    """Tell of every language in `folder`; give how many faults there are."""
    found = 0
    for path in sorted(folder.glob("*/messages.po")):
        try:
            catalog = read(path)
        except (PoFileError, UnknownLocaleError, ValueError) as error:
            print(f"{path}: {error}")
            found += 1
            continue
        done = translated(catalog)
        print(f"{path.parent.name}: {len(done)} of {len(catalog)} sentences")
        for message in done:
            for said in faults(message, catalog.num_plurals):
                print(f"{path}:{message.lineno}: {said}")
                found += 1
    return found


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])) > 0)
