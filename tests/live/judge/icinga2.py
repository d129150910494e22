"""Icinga 2: states that were sampled pull by pull. usage: icinga2.py FOLDER"""
import sys

import samples
from common import Judge

j = Judge(sys.argv[1])
samples.judge(j)
j.done()
