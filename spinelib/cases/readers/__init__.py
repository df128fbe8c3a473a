"""One file per format: images, DICOM, masks, landmarks, Labelme, NIfTI, MetaImage, series."""
