"""ARE THE IMAGES GOOD ENOUGH: judges images by header rules, measures and a network; knows no simulation.

image, defect_names   what is judged, and for what: read these first
display               what a display shows of it
check                 one file or folder, from bytes to verdict
rules/                header against pixels (the header against its IOD is ``simgrid.dicom.iod``)
measures/             numbers of an image under the field's names
defects/              each defect simulated with its physics, with a receipt that replays it
second_generator      the same defects by other means and other code: for the evaluation alone
classifier/           measures and pixels to calibrated probabilities and severities; abstains when it should
segmentation/         which organs a slice shows; what they say of the header and of the field of view
enhancement/          the denoiser
anomaly               where a slice holds what does not belong there
explanation/          why the classifier says so: heat over the image, and measures
evaluation/           what all of these are worth
weights/              networks (ONNX), trees and calibration (NPZ), each with its model card
training/             makes weights/; the only importer of torch and scikit-learn
sources/              the real images that ``simgrid qa fetch-data`` brings: hashes, licences, roles
bot/                  the idempotent state machine over a folder, and its audit log
feedback/             what radiologists found later: drift, and thresholds shown to help
gates                 the seam to the simulation: technologist, image_gates and surrogate
pool, planting        the real images of the model, and what is drawn into them
seeing, verdicts      what a gate sees, and what the module says of it: each found once, kept by stored
"""
