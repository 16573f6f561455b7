"""From measures and pixels to calibrated probabilities and severities; abstains when it should.

classifier   ``Classifier.shipped().judge(images)``: read this first
judgement    what is said of an image, and the rule that makes a verdict of it
inputs       what the network looks at
forest       boosted trees as arrays, evaluated with numpy
abstention   when it says nothing
"""
