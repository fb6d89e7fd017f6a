"""What generated pins are about: subjects by category, and the phrases that become titles, texts and tags."""

# fmt: off

SUBJECTS: dict[str, tuple[str, ...]] = {
    "art": ("Watercolor Landscapes", "Charcoal Portraits", "Abstract Canvases", "Botanical Prints", "Ink Drawings",
            "Oil Paintings", "Clay Sculptures", "Sketchbook Pages"),
    "beauty": ("Natural Nail Designs", "Evening Makeup Looks", "Curly Hair Routines", "Skin Care Steps",
               "Braided Styles", "Short Haircuts", "Eyeliner Tricks", "Homemade Face Masks"),
    "christmas": ("Handmade Ornaments", "Advent Calendars", "Gingerbread Houses", "Table Centerpieces", "Door Wreaths",
                  "Gift Wrapping Ideas", "Tree Decorations", "Holiday Cards"),
    "diy-and-crafts": ("Macrame Hangers", "Paper Flowers", "Pallet Shelves", "Knitted Blankets", "Painted Rocks",
                       "Candle Moulds", "Upcycled Jars", "Felt Animals"),
    "education": ("Classroom Posters", "Phonics Games", "Science Experiments", "Reading Corners", "Spelling Worksheets",
                  "Lesson Plans", "Math Centers", "Bulletin Boards"),
    "event-planning": ("Garden Weddings", "Birthday Tables", "Bridal Showers", "Balloon Arches", "Seating Charts",
                       "Party Favours", "Outdoor Receptions", "Conference Badges"),
    "finance": ("Budget Templates", "Saving Challenges", "Side Incomes", "Debt Trackers", "Retirement Plans",
                "Grocery Budgets", "Cash Envelopes", "Investing Basics"),
    "home-decor": ("Cosy Living Rooms", "Farmhouse Kitchens", "Gallery Walls", "Small Bathrooms", "Entryway Benches",
                   "Bedroom Makeovers", "Linen Curtains", "Open Shelves"),
    "mens-fashion": ("Tailored Suits", "Autumn Layers", "Denim Jackets", "Leather Boots", "Smart Casual Outfits",
                     "Summer Shirts", "Wool Overcoats", "Streetwear Looks"),
    "quotes": ("Morning Affirmations", "Words about Courage", "Lines on Friendship", "Thoughts for Hard Days",
               "Lessons on Patience", "Reminders to Rest", "Sayings about Family", "Notes to Myself"),
    "tattoos": ("Fine Line Florals", "Minimal Wrist Pieces", "Geometric Sleeves", "Forearm Compasses",
                "Mountain Outlines", "Matching Symbols", "Shoulder Mandalas", "Script Designs"),
    "travel": ("Hidden Beaches", "Road Trip Routes", "Mountain Huts", "City Weekends", "Island Ferries",
               "Night Train Journeys", "National Parks", "Packing Lists"),
    "vehicles": ("Classic Roadsters", "Camper Vans", "Cafe Racers", "Electric Hatchbacks", "Off Road Trucks",
                 "Restored Coupes", "Vintage Scooters", "Sports Sedans"),
}

OPENINGS = (
    "The Best", "10 Simple", "25 Beautiful", "Our Favourite", "Modern", "Easy", "How We Plan", "A Complete Guide to",
    "Everything about", "Budget Friendly", "Fresh Takes on", "15 Stunning", "Before You Try", "What Nobody Says about",
)

ENDINGS = (
    "", "", "for Beginners", "on a Small Budget", "You Will Want to Try This Weekend", "That Really Work", "in 2021",
    "for Every Season", "Step by Step with Photos", "That Look Expensive", "Worth Saving for Later",
    "and the Mistakes to Avoid", "for the Whole Family", "| Free Printable Included",
)

SENTENCES = (
    "Looking for {subject}? This list has something for every taste.",
    "These {subject} are easier than they look and need only an afternoon.",
    "Save this pin for the next time you need inspiration.",
    "We collected our favourite {subject} in one place, with notes on what worked and what did not.",
    "Get the full tutorial with materials, measurements and photos.",
    "Read on for tips that save time and money.",
    "I tried several {subject} last year and these are the ones I would choose again.",
    "Perfect when you have little space and even less time.",
    "From simple to ambitious, there are ideas here for every level.",
    "Learn how to get started with {subject} without buying anything special.",
    "Click through to see all of them and download the checklist.",
    "My sister asked me for {subject}, so I wrote down everything I know about them.",
)

# Text beyond ASCII: accents and typographic signs in many rows, other scripts and emoji in few.
ACCENTED = (
    "It\u2019s that simple.", "Crème de la crème!", "Café style \u2013 at home.", "Très chic\u2026",
    "Señorita approved \u2665", "\u201cLess is more\u201d", "100 % naïve \u2022 100 % fun", "Größe: für alle ✓",
)
OTHER_SCRIPTS = (
    "Идеи для дома и сада, которые легко повторить своими руками. Пошаговые фотографии, список материалов и советы "
    "тех, кто уже попробовал.",
    "Güzel fikirler: şık, sıcak ve çok kolay uygulanabilir öneriler.",  # noqa: RUF001
    "おしゃれなアイデアを集めました。写真を見ながら、誰でも簡単に作れます。",
)
EMOJI = ("\U0001f60d", "\U0001f525", "\U0001f384", "\U0001f3e1", "\U0001f485")

TAG_QUALIFIERS = (
    "Ideas", "Design Inspiration", "DIY", "Tips and Tricks", "Aesthetic", "For Women", "Modern", "Easy",
    "Vintage", "Trends 2021",
)

POSTER_FIRST = (
    "Golden", "Little", "Happy", "Urban", "Wild", "Cosy", "Bright", "Honest", "Northern", "Blue", "Simple", "Secret",
    "Modern", "Lucky", "Paper", "Velvet", "Quiet", "Daily", "Sunny", "Copper", "Second", "Hidden", "Maple", "Silver",
)
POSTER_SECOND = (
    "Fox", "Attic", "Garden", "Compass", "Kitchen", "Lantern", "Harbour", "Studio", "Nest", "Orchard", "Bicycle",
    "Piano", "Notebook", "Window", "Market", "Meadow", "Anchor", "Cottage", "Thread", "Pencil", "Teapot", "Station",
    "Sparrow",
)
POSTER_THIRD = (
    "Blog", "Magazine", "& Co", "Collective", "Journal", "at Home", "Makes", "Diaries", "Shop", "Weekly", "Club",
    "by Design", "Adventures", "Guide", "Living", "Classroom",
)
