from probatio.error import *
