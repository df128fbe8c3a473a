from torch import nn

from spinelib.models.objective import Objective
from spinelib.training.code import code_of, meaning, reached
from spinelib.training.losses import weighted_heads


def test_better_words_do_not_change_what_code_means():
    code = 'def rate(step):\n    """Old words."""\n    return 0.1 * step\n'
    words = 'def rate(step):\n    """New words."""\n\n    # a reason\n    return 0.1 * step\n'
    assert meaning(code) == meaning(words)
    assert meaning(code) != meaning(code.replace("0.1", "0.2"))
    assert meaning('x = """text"""') != meaning('x = """other"""')


def test_code_of_a_training_is_its_own_network_and_the_loop_and_no_other_network():
    names = reached(["spinelib.training.fitting", "spinelib.training.training", "spinelib.models.mdwcnet"])
    assert {"spinelib.models.mdwc_blocks", "spinelib.training.loop", "spinelib.training.augmentation.geometry"} <= set(
        names
    )
    assert not {"spinelib.models.unet", "spinelib.models.catalogue", "spinelib.cases"} & set(names)


def test_code_of_a_training_knows_its_objective():
    network = nn.Conv2d(1, 1, 1)
    plain = Objective(weighted_heads)
    assert code_of(network, plain) == code_of(nn.Conv2d(1, 2, 3), plain)
    joint = type("Joint", (Objective,), {"__module__": "spinelib.models.seg4reg_objective"})(weighted_heads)
    assert code_of(network, joint) != code_of(network, plain)
