"""The exception that a user meets."""

import pickle

import pytest

import exnet


def test_it_comes_whole_out_of_a_worker_process() -> None:
    with pytest.raises(exnet.ExnetError) as caught:
        exnet.parse("exnet t\ninput x[4] : rea[2]\noutput y : class[3]\nroot tree(x)")
    again = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(again, exnet.ExnetError)
    assert (again.code, again.name, str(again)) == ("EXN404", caught.value.name, str(caught.value))
    assert [d.concise for d in again.diagnostics] == [d.concise for d in caught.value.diagnostics]
