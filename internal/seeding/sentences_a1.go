package seeding

// A1: be, have, can, there is, present simple and continuous, instructions (the CEFR outline of the starter pack).
var a1 = course{
	level: "A1",
	lists: map[string][]string{
		"food": words("rice|soup|fish|chicken|pasta|salad|pizza|eggs|beans|potatoes|fruit|chocolate|ice cream|sandwiches|" +
			"tomatoes|noodles|meat|vegetables|cake|cookies|apples|bananas|oranges|cheese"),
		"drink":    words("milk|tea|coffee|juice|lemonade|cold water|hot chocolate|soda|green tea|black coffee|apple juice|orange juice|tomato juice"),
		"mealtime": join(words("for breakfast|for lunch|for dinner|at home|at school|in the evening|every day"), each("on *s", weekdays)),
		"resting": words("reading a book|drinking tea|listening to music|writing a letter|doing homework|eating a sandwich|" +
			"looking at photos|learning English|drawing a picture|playing cards|reading the news|talking on the phone|" +
			"drinking lemonade|having lunch|singing a song|sleeping"),
		"indoors": words("in the kitchen|in the garden|in the living room|in the bedroom|in the dining room|in the hall|on the balcony|" +
			"on the sofa|at the table|by the window|upstairs|downstairs|next door|in the yard"),
		"sport":  words("swim|ski|play tennis|play football|ride a horse|ride a bike|run fast|play chess|play golf|climb trees|skate|surf|play basketball|play volleyball"),
		"art":    words("dance|sing|draw|paint|cook|speak Spanish|speak French|speak Chinese|play the guitar|play the piano|play the violin|play the drums|bake bread|take good photos|make a cake"),
		"object": words("bag|phone|book|coat|hat|umbrella|key|camera|pen|notebook|scarf|watch|newspaper|ball|toothbrush|sweater"),
		"spot": words("under the table|on the table|on the chair|under the bed|on the bed|behind the door|next to the lamp|in the box|" +
			"on the shelf|in the car|near the window|on the floor|in the drawer|behind the sofa|next to the computer"),
		"size":  words("small|big|nice|new|beautiful"),
		"color": words("red|blue|green|yellow|black|white|brown|gray|pink|purple|orange|silver"),
		"garment": words("dress|shirt|coat|jacket|skirt|sweater|scarf|T-shirt|raincoat|bag|belt|tie|umbrella|blouse|backpack|" +
			"towel|apron|cap|handbag|swimsuit|bathrobe|vest|wallet|suitcase"),
		"display": words("in the window|by the door|on the left|on the right|on the top shelf|near the mirror|next to the hats|" +
			"on the table|in the corner|behind you|in the middle|over there"),
		"vehicle": words("bus|train|first train|last train|first bus|last bus|next train|next bus|fast train|slow train|night bus"),
		"platform": words("from here|from platform one|from platform two|from platform three|from platform four|from platform five|" +
			"every day|on weekends"),
		"outing": words("play tennis|watch a movie|have lunch|go to the park|go swimming|play cards|go shopping|drink coffee|cook dinner|" +
			"go to the beach|go to the zoo|have a picnic|ride bikes|play football|go to the market|learn a dance"),
		"soon":    join(words("today|tonight|tomorrow|this afternoon|this evening|this weekend"), each("on *", weekdays)),
		"weather": words("cold|hot|warm|cool|sunny|windy|rainy|cloudy|dry|foggy"),
		"season": join(each("in *", months), words("in the spring|in the summer|in the fall|in the winter|in the morning|"+
			"in the afternoon|today|this week|right now|this month|at this time of year|this weekend")),
		"subject": words("math|music|art|history|science|English|French|Spanish|dance|swimming|cooking|computer|chemistry|biology"),
		"chore": words("the dishes|the shopping|the laundry|these boxes|the homework|the garden|the dinner|the windows|the beds|the bags|" +
			"the table|the plants|the kitchen|the cake|the suitcases"),
		"soon_please": words("now|today|tonight|tomorrow|this morning|this afternoon|this evening|after lunch|after dinner|after school|" +
			"before lunch|before dinner|on Saturday|on Sunday"),
		"waking": words("gets up|has breakfast|takes a shower|makes coffee|feeds the cat|leaves the house|walks the dog|waters the plants|" +
			"reads the news|makes the bed|packs a lunch|drinks tea|takes the bus|opens the windows|washes the dishes|goes to work"),
		"early": words("at five o'clock|at half past five|at a quarter past five|at six o'clock|at half past six|at a quarter past six|" +
			"at seven o'clock|at half past seven|at a quarter past seven|at eight o'clock|at half past eight|at a quarter past eight|" +
			"at nine o'clock"),
		"waiting": words("waiting for a friend|looking at a map|buying a ticket|eating an apple|sitting on a bench|talking to a man|" +
			"talking to a woman|taking photos|looking for a taxi|drinking coffee|reading a newspaper|waiting for the rain to stop|" +
			"selling flowers|looking at the people"),
		"street": words("at the bus stop|in front of the bank|near the station|in the park|at the market|outside the school|" +
			"next to the library|in front of the museum|near the bridge|at the train station|outside the hotel|at the airport|" +
			"in the town square|near the post office"),
		"furniture": words("a lamp|a clock|a chair|a table|a mirror|a bookcase|a computer|a radio|an old desk|a picture|a rug|a plant|" +
			"an umbrella|a basket|a big box|a television"),
		"room": words("bedroom|kitchen|living room|bathroom|office|hall|house|dining room|apartment|room|basement|studio"),
		"corner": words("next to the door|by the window|near the door|behind the door|by the wall|near the window|next to the window|" +
			"near the stairs|in front of the window|near the table|next to the sofa|behind the table"),
		"workplace": words("a bank|a hospital|a school|an office|a hotel|a restaurant|a factory|a shop|a library|a museum|a bakery|" +
			"a bookstore|an airport|a police station|a pharmacy|a supermarket"),
		"turn": words("Turn left|Turn right|Go left|Go right|Stop|Wait|Get off the bus|Get out|Meet me|Cross the street"),
		"landmark": words("bank|school|park|hotel|church|bridge|library|museum|hospital|supermarket|bakery|pharmacy|cinema|post office|" +
			"traffic light|gas station|fountain|bus stop|town hall|market|station|theater|swimming pool|restaurant|bookstore|" +
			"police station|university|coffee shop|zoo|art gallery|flower shop|stadium|train station|shoe store|gym|" +
			"ice cream shop|toy store|hair salon|parking lot|tourist office"),
		"side": join(words("on the corner|next to the river|behind the trees|at the end of the street|by the lake|in the old town|near the port"),
			each("on * Street", words("Park|Mill|High|Main|Church|River|Green|School|Station|King|Queen|Garden|North|South|Lake|Hill|Market|Bridge"))),
	},
	questions: []pattern{
		{"Does {someone} eat {food} {mealtime}?", words("Present Simple|Food")},
		{"Is {someone} {resting} {indoors}?", words("Present Continuous|Home")},
		{"Can {someone} {sport} or {art}?", words("Modals|Hobbies")},
		{"Is {someone}'s {object} {spot}?", words("Present Simple|Home")},
		{"How much is the {size} {color} {garment} {display}?", words("Present Simple|Shopping")},
		{"Does the {vehicle} to {city} leave at {clock}?", words("Present Simple|Travel")},
		{"Do you want to {outing} with {someone} {soon}?", words("Present Simple|Hobbies|Invitations")},
		{"Is it {weather} in {city} {season}?", words("Present Simple|Weather|Small Talk")},
		{"Does {someone}'s {subject} class start at {clock}?", words("Present Simple|School")},
		{"Can you help {someone} with {chore} {soon_please}, please?", words("Modals|Home|Requests")},
	},
	answers: []pattern{
		{"{someone} {waking} {early}.", words("Present Simple|Home")},
		{"{someone} is {waiting} {street}.", words("Present Continuous|City Life")},
		{"{someone} likes {food} but not {drink}.", words("Present Simple|Food")},
		{"{someone} can {sport} and {art}.", words("Modals|Hobbies")},
		{"There is {furniture} {corner} in {someone}'s {room}.", words("Present Simple|Home")},
		{"The {vehicle} to {city} leaves at {clock} {platform}.", words("Present Simple|Travel")},
		{"{someone} works in {workplace} in {city}.", words("Present Simple|Work")},
		{"It is {weather} in {city} {season}.", words("Present Simple|Weather|Small Talk")},
		{"{turn} at the {landmark} {side}.", words("Imperatives|City Life|Directions")},
		{"{someone}'s {subject} class starts at {clock}.", words("Present Simple|School")},
	},
}
