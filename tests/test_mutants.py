"""The mutants of `benchmarks.mutants` still fit the code: each changes one place, into something that can be read."""

import pytest

from benchmarks.mutants import MUTANTS, ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.breaks)
def test_a_mutant_is_a_program_with_one_change(mutant: Mutant) -> None:
    source = (ROOT / mutant.file).read_text()
    assert source.count(mutant.before) == 1
    changed = source.replace(mutant.before, mutant.after)
    assert changed != source
    compile(changed, mutant.file, "exec")


def test_mutants_have_names_of_their_own() -> None:
    assert len({mutant.breaks for mutant in MUTANTS}) == len(MUTANTS)
