"""The words of `words_for`: short, concrete and kind; their order is part of every receipt, so it never changes."""

_ADJECTIVES = """
amber ample apt arctic ashen autumn azure balmy beige birch blue bold brave bright brisk bronze brown busy calm
carved cedar central chalky cherry chilly civic clean clear clever cobalt cool copper coral cosy cotton cream
crisp curly daily dapper dawn deep desert dewy dotted downy dusky dusty eager early earthen eastern easy ebony
elder elm even evening fair famous fancy fast festive fine firm first flat fleet floral fluffy fond fresh frosty
full fuzzy gentle gilded ginger glad glassy glossy golden grand granite grassy great green handy happy hardy
hazel hazy hearty hidden high hollow honest humble icy indigo inland ivory jade jolly jovial joyful juicy keen
kind knit large lasting leafy lemon level light lilac lime linen little lively local lofty long loyal lucky
lunar maple marble mellow merry mighty mild minty misty modern modest mossy narrow native navy neat new nimble
noble noon oaken oaten ocean olive open orange oval paper pastel peach pearly pewter pine pink plain plum plush
poetic polar proud purple quick quiet rainy rapid rare ready red regal rich ripe rosy round royal ruby rugged
rural russet rustic sage sandy satin secure serene shaded sharp shiny silent silken silver simple sky sleek slim
smart smooth snowy snug soft solar solid spare spicy spring square stable starry steady still stony strong
sturdy summer sunny sure swift tall tame teal tender tidal tidy timber tiny topaz trim true trusty umber upper
vast velvet violet vivid warm wavy white whole wide willow windy winter wise witty wooden woolly woven yellow
young zesty
"""

_NOUNS = """
acorn almond anchor apple apron arch arrow ash aspen atlas badge bagel bakery ball banjo barley barn basil
basket bay beach beacon beaver bee bell bench berry birch bird boat bonnet book boot bottle bowl branch bread
breeze brick bridge brook broom brush bucket bunny bush butter button cabin cactus cake candle canoe canyon cape
carrot cart castle cedar chair chalk cheese cherry chest cider clay cliff clock cloud clover coat cocoa cone
cove crane creek crown cup daisy dale deer desk door dove drum duck eagle easel egg elk elm falcon farm fence
fern fiddle field fig finch fir flag flute forest fox garden gate ginger glove goat grain grape grove guitar
gull hammer harp hat hawk hazel hedge hen heron hill hive honey horse house iris island ivy jacket jar jug
kettle key kite kitten ladder lagoon lake lamp lark leaf lemon lentil lily linden lion loaf loom lute magpie
mango map maple market marsh meadow melon mill mint mirror mitten moon moss mug nest nutmeg oak oar oat olive
onion orchid otter oven owl paddle pail palm panda path peach pear pebble pencil pepper piano pillow pine planet
plaza plum pocket pond pony poplar poppy porch potato puffin quarry quill quilt rabbit raft raven reed ribbon
ridge river robin rocket roof rope rose rowan saddle sail salmon sandal saucer scarf school shell ship shore
spoon spruce squash stable star stone stool stream swan table tea thyme tiger tower trail train tree trout tulip
tunnel vase wagon wave wheat wheel wool wren yarn zebra
"""

ADJECTIVES: tuple[str, ...] = tuple(_ADJECTIVES.split())
NOUNS: tuple[str, ...] = tuple(_NOUNS.split())

assert len(ADJECTIVES) == len(NOUNS) == 256, "a byte picks a word"
