"""What only Emby sends, or what only Emby has to be sent back."""

import msgspec

from watchstate_mediabrowser.wire import User, UserData


class WholeUserData(UserData, frozen=True, gc=False):
    """All that `POST …/UserData` may reset if it is not sent along."""

    is_favorite: bool = False
    rating: float | None = None


class WholeItem(msgspec.Struct, frozen=True, rename="pascal"):
    """One item in full detail, as far as its state goes."""

    user_data: WholeUserData


class UserPage(msgspec.Struct, frozen=True, rename="pascal"):
    """The people, as `/Users/Query` lists them."""

    items: list[User]


WHOLE_USER_DATA = msgspec.json.Decoder(WholeUserData)
WHOLE_ITEM = msgspec.json.Decoder(WholeItem)
USER_PAGE = msgspec.json.Decoder(UserPage)
