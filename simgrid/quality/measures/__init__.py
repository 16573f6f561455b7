"""Numbers of one image under the field's names: noise, contrast, sharpness, spectrum, uniformity."""
