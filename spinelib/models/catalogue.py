"""Which methods exist, their variants and their losses: one entry per method.

A method is an architecture with its loss. A variant is the same architecture with other keyword arguments;
the full model's variant is called ``full``.
"""

from __future__ import annotations

from typing import Any

from spinelib.models.method import Method

# The common recipe's loss is the same for every method, so that architectures are compared alone.
CRITERION = "spinelib.training.losses:weighted_heads"
# The eight rivals of MDWC-Net's paper were trained there by the recipe of that paper.
MDWC_RECIPE = "spinelib.training.paper_recipes:MDWCNET"
# The four rivals in SAFNet's paper were trained by its recipe, but with cross-entropy.
SAFNET_RIVALS = "spinelib.training.paper_recipes:SAFNET_RIVALS"
# What Seg4Reg lacks of Seg4Reg+, and its regression network as it was released.
SEG4REG: dict[str, Any] = {"gate": False, "attention": 0.0, "triangle": 0.0}
RELEASED: dict[str, Any] = {"regressor": "densenet169", "released": True, "smape": 0.0}
_ENTRIES = [
    Method(
        name="r2mfnet",
        title="R2MF-Net",
        paper="Li et al. 2025, arXiv 2512.07576",
        constructor="spinelib.models.r2mfnet:R2MFNet",
        criterion=CRITERION,
        # T = 2 is the default, so a variant t2 would be `full` under a second name: the sweep reads full as T
        # = 2.
        variants={
            "full": {},
            "base": {"r2jump": False, "mcskip": False, "scse": False},
            "no_r2jump": {"r2jump": False},
            "no_mcskip": {"mcskip": False},
            "no_scse": {"scse": False},
            "coarse_only": {"cascade": False},
            "t0": {"steps": 0},
            "t1": {"steps": 1},
            "t3": {"steps": 3},
            "aligned": {"align": True},
            "deep": {"deep_supervision": True},
        },
    ),
    Method(
        name="unet",
        title="U-Net",
        paper="Ronneberger et al. 2015, arXiv 1505.04597",
        constructor="spinelib.models.unet:build_unet",
        criterion=CRITERION,
        variants={"full": {}, "resnet18": {"encoder": "resnet18"}, "resnet34": {"encoder": "resnet34"}},
        published=MDWC_RECIPE,
    ),
    Method(
        name="mdwcnet",
        title="MDWC-Net",
        paper="Gu, Wang, Chen 2025, Front. Physiol. 16:1651296",
        constructor="spinelib.models.mdwcnet:MDWCNet",
        criterion=CRITERION,
        published=MDWC_RECIPE,
        # Rows of the paper's Table 3; `base` is this network's own skeleton with plain blocks and skips. The open
        # choices that the table does not ask about follow it.
        variants={
            "full": {},
            "base": {"block": "plain", "skip": "plain", "bottleneck": "none"},
            "multiscale": {"block": "fixed", "skip": "plain", "bottleneck": "none"},
            "mscaw": {"skip": "plain", "bottleneck": "none"},
            "mscaw_bieb_upper": {"skip": "plain", "bottleneck": "upper"},
            "mscaw_bieb_lower": {"skip": "plain", "bottleneck": "lower"},
            "mscaw_bieb": {"skip": "plain"},
            "mscaw_dfcb": {"bottleneck": "none"},
            "aspp": {"block": "aspp"},
            "cbam": {"bottleneck": "cbam"},
            "dynamic": {"dynamic": True},
            "concat": {"merge": "concat"},
            "exponential": {"gate": "exp"},
        },
    ),
    Method(
        name="resunet",
        title="ResU-Net",
        paper="Zhang, Liu, Wang 2018, arXiv 1711.10684",
        constructor="spinelib.models.resunet:ResUNet",
        criterion=CRITERION,
        published=MDWC_RECIPE,
    ),
    Method(
        name="attention_unet",
        title="Attention U-Net",
        paper="Oktay et al. 2018, arXiv 1804.03999",
        constructor="spinelib.models.attention_unet:AttentionUNet",
        criterion=CRITERION,
        published=MDWC_RECIPE,
    ),
    Method(
        name="transunet",
        title="TransU-Net",
        paper="Chen et al. 2021, arXiv 2102.04306",
        constructor="spinelib.models.transunet:TransUNet",
        criterion=CRITERION,
        published=MDWC_RECIPE,
    ),
    Method(
        name="plunet",
        title="PLU-Net",
        paper="Song, Yu, Wu 2024, Med. Phys. 51(4):2733",
        constructor="spinelib.models.plunet:PLUNet",
        criterion=CRITERION,
        published=MDWC_RECIPE,
    ),
    Method(
        name="fcn8s",
        title="FCN-8s",
        paper="Long, Shelhamer, Darrell 2015, arXiv 1411.4038",
        constructor="spinelib.models.fcn8s:FCN8s",
        criterion=CRITERION,
        published=MDWC_RECIPE,
    ),
    Method(
        name="deeplabv3plus",
        title="DeepLabV3+",
        paper="Chen et al. 2018, arXiv 1802.02611",
        constructor="spinelib.models.deeplabv3plus:DeepLabV3Plus",
        criterion=CRITERION,
        published=MDWC_RECIPE,
    ),
    Method(
        name="pspnet",
        title="PSPNet",
        paper="Zhao et al. 2017, arXiv 1612.01105",
        constructor="spinelib.models.pspnet:PSPNet",
        criterion=CRITERION,
        published=MDWC_RECIPE,
        variants={"full": {}, "small": {"dilated": False}},
    ),
    Method(
        name="seg4regplus",
        title="Seg4Reg+",
        paper="Lin, Liu, Ma, Zheng 2021, arXiv 2208.12462",
        constructor="spinelib.models.seg4reg_plus:Seg4RegPlus",
        criterion=CRITERION,
        objective="spinelib.models.seg4reg_objective:JointObjective",
        published="spinelib.training.seg4reg_recipe:SEG4REG",
        start_options=("encoder_weights", "regressor_weights"),
        # `base` trains both networks side by side, `seg4reg` is the predecessor (R reads masks, S alone), `mask_only`
        # that with S and R joined by the one edge of the triangle that is left, `no_segmentation` an R that never
        # sees a mask. `seg4reg_densenet169` is the predecessor of `densenet169`, `seg4reg_released` that of
        # `densenet169_released`: R as the released code of Seg4Reg has it, which reads films.
        variants={
            "full": {},
            "base": {**SEG4REG},
            "no_attention": {"attention": 0.0},
            "no_gate": {"gate": False},
            "no_triangle": {"triangle": 0.0},
            "no_smape": {"smape": 0.0},
            "seg4reg": {**SEG4REG, "inputs": "mask"},
            "mask_only": {"inputs": "mask", "gate": False, "attention": 0.0},
            "no_segmentation": {**SEG4REG, "inputs": "image"},
            "densenet169": {"regressor": "densenet169"},
            "seg4reg_densenet169": {"regressor": "densenet169", **SEG4REG, "inputs": "mask"},
            "densenet169_released": {**RELEASED},
            "seg4reg_released": {**RELEASED, **SEG4REG, "inputs": "image"},
            "pspnet": {"segmenter": "pspnet"},
        },
    ),
    Method(
        name="safnet",
        title="SAFNet",
        paper="Yilizati-Yilihamu et al. 2023",
        constructor="spinelib.models.safnet:SAFNet",
        criterion=CRITERION,
        dims=3,
        published="spinelib.training.paper_recipes:SAFNET",
        former={"gate": "conv"},
        # Rows of the paper's Table 2, then other readings of its splicing.
        variants={
            "full": {},
            "base": {"aspp": False, "fusion": False, "attention": False},
            "aspp": {"fusion": False, "attention": False},
            "fusion": {"aspp": False, "attention": False},
            "attention": {"aspp": False, "fusion": False},
            "inject_high": {"inject_high": True},
            "separate_gates": {"separate_gates": True},
            "attention_first": {"gate": "conv"},
        },
    ),
    Method(
        name="unet3d",
        title="3-D U-Net",
        paper="Çiçek et al. 2016, arXiv 1606.06650",
        constructor="spinelib.models.unet3d:UNet3D",
        criterion=CRITERION,
        dims=3,
        published=SAFNET_RIVALS,
        variants={"full": {}, "mid": {"widths": (32, 64, 128, 256)}, "wide": {"widths": (64, 128, 256, 512)}},
    ),
    Method(
        name="resunet3d",
        title="3-D ResU-Net",
        paper="Xiao et al. 2018; Kerfoot et al. 2019",
        constructor="spinelib.models.resunet3d:ResUNet3D",
        criterion=CRITERION,
        dims=3,
        published=SAFNET_RIVALS,
    ),
    Method(
        name="deeplabv3_3d",
        title="3-D DeepLabV3",
        paper="Chen et al. 2018, arXiv 1802.02611",
        constructor="spinelib.models.deeplabv3_3d:DeepLabV3for3D",
        criterion=CRITERION,
        dims=3,
        published=SAFNET_RIVALS,
    ),
    Method(
        name="cfnet3d",
        title="3-D CFNet",
        paper="Zhang et al. 2023, arXiv 2302.06052",
        constructor="spinelib.models.cfnet3d:CFNet3D",
        criterion=CRITERION,
        dims=3,
        published=SAFNET_RIVALS,
    ),
    # Several networks that are trained one after another: no `build_model`, a notebook of its own.
    Method(
        name="spinefm",
        title="SpineFM",
        paper="Simons, Papież 2024, arXiv 2411.00326",
        loader="spinelib.spinefm.loading:load_reader",
        programs=("published",),
        variants={
            "full": {},
            "no_adapters": {"adapters": False},
            "no_predictor": {"predictor": False},
            "no_post": {"post": False},
            "detector_only": {"walk": False},
        },
    ),
    # Weights that come with the project, of whichever network their card names; its notebook trains nothing.
    Method(name="released", title="Released network", paper="this project", dims=0),
    # Outlined by other programs: `masks` by any, `nnunet` by its own package, on the study's own splits.
    Method(name="masks", title="Masks made elsewhere", paper="none", dims=0),
    Method(name="nnunet", title="nnU-Net", paper="Isensee et al. 2021, doi 10.1038/s41592-020-01008-z", dims=0),
]
METHODS: dict[str, Method] = {method.name: method for method in _ENTRIES}
# Those that are one network, which `build_model` builds.
NETWORKS: dict[str, Method] = {name: method for name, method in METHODS.items() if method.constructor}
