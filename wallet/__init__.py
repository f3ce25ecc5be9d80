"""RES Wallet: a mutual-credit wallet for a federation of participatory co-ops."""
