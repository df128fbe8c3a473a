"""What each part of a method is worth: what is drawn where."""

from spinelib.questions import ablation


def test_the_figures_show_every_row(study):
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    from spinelib.questions.ablation import figures

    study.add("full", 0.80).add("no_r2jump", 0.77).add("t0", 0.7).add("t1", 0.71)
    table = study.effects().reset_index()
    figure = figures.part_effects(table)
    assert len(figure.axes[0].get_yticklabels()) == 3
    assert figure.get_size_inches()[0] <= 6.4
    line = figures.sweep_line(ablation.sweeps(study.folder, study.cases), "dice")
    assert line.axes[0].get_xlabel() == "steps T of R2-Jump"
    plt.close("all")
