# Home Assistant replaces voluptuous by probatio at run time; so does mypy here.
from probatio import *
