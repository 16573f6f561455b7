"""Why the classifier said so: where in the image, and by which measures. Neither needs torch.

heat         Grad-CAM: where the network's score for a defect comes from
attribution  which measures raise or lower the fused score
"""
