"""The read models, where Django looks for them: each screen has its own, the engine has three."""

import projections.engine.models
import projections.screens  # noqa: F401 - defines the screens' tables
