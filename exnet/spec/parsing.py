"""From text to a spec in one call."""

from collections.abc import Mapping

from exnet.source.reading import source_of_text
from exnet.spec.analysis import analyse_source
from exnet.spec.model import Spec
from exnet.spec.wording import check_given


def parse(text: str, name: str = "<text>", overrides: Mapping[str, int | bool] | None = None) -> Spec:
    """The spec that a text in the exnet language means.

    Args:
        text: such as `"exnet t  input x[4] : real[2]  output y : class[3]  root tree(x)"`.
        name: what messages call the text.
        overrides: values of params, as `--set` gives them.

    Raises:
        ExnetError: with everything that is wrong in its declarations. Equations are checked when the graph is made.
    """
    check_given(text, str, "text", "the text of a spec as `str`; `exnet.build` takes paths, too")
    return analyse_source(source_of_text(text, name), overrides).unwrap()
