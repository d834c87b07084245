package seeding

var (
	west = words("Italy|Portugal|Spain|France|Germany|Poland|Ireland|Sweden|Greece|Canada|Mexico|Brazil")
	east = words("Turkey|Egypt|Kenya|Nigeria|Morocco|India|Vietnam|Thailand|Japan|China|Indonesia|Korea")
)

// B1: present perfect, first conditional, simple passives, modals of advice, past continuous, polite requests.
var b1 = course{
	level: "B1",
	lists: map[string][]string{
		"traveled": words("rented a car|missed a train|stayed in a hostel|lost a passport|eaten street food|taken a night bus|" +
			"booked a guided tour|slept at the airport|changed trains|visited an old palace|shared a taxi|been on a boat trip|" +
			"celebrated New Year|asked for directions|met other travelers|traveled alone"),
		"working": words("working for a bank|teaching English|running a small hotel|driving a taxi|working as a nurse|working in sales|" +
			"managing a restaurant|repairing cars|writing for a newspaper|selling insurance|working as an engineer|looking for a job|" +
			"designing websites|working for the city|training new teachers|working night shifts"),
		"trouble": words("the train is late|the weather gets worse|the tickets are sold out|the hotel is full|the road is closed|" +
			"the store is closed|the computer stops working|the babysitter is sick|the bus drivers go on strike|" +
			"the flight is canceled|the price goes up|the concert is canceled|the guests arrive early|nobody answers the phone"),
		"soon": words("tomorrow|tonight|this weekend|next week|on Friday|on Saturday|on Sunday|next month|tomorrow morning|" +
			"tomorrow evening|this summer|in the morning"),
		"products": words("shoes|bags|toys|lamps|carpets|jackets|watches|bicycles|chairs|umbrellas|sunglasses|plates|cameras|" +
			"gloves|wallets|candles|mirrors|blankets|backpacks|cups"),
		"outlet": words("in the window|on the top shelf|by the entrance|in this catalog|on this website|on sale|next to the counter|" +
			"in this store|at the market|in the department store|from this brand|in your hand"),
		"country": join(west, east),
		"west":    west,
		"east":    east, // two countries in one sentence are never the same
		"sold": words("sold all over Europe|sold online|sold in small stores|tested by hand|sent here by ship|packed by hand|" +
			"sold at low prices|sold in many countries|designed in London|checked twice|delivered within a week|" +
			"repaired for free|sold in local markets|shipped all over the world|sold with a guarantee|sold at airports|" +
			"exported by train|covered by insurance|sold by a small family business|advertised on television|" +
			"inspected before sale|sold in supermarkets"),
		"fixed": words("fixed the printer|set up the new computer|updated the website|changed the password|installed the camera|" +
			"found the missing files|deleted the photos|charged the tablet|ordered the new laptop|recorded the video call|" +
			"turned off the server|explained the new app|repaired the old phone|sent the wrong file"),
		"saving": words("open a savings account|pay with cash|cancel the credit card|borrow money from the bank|ask for a discount|" +
			"save more money|sell the car|compare prices|pay the rent early|invest in the business|ask for a raise|" +
			"spend less on clothes|cut the phone bill|return the expensive shoes"),
		"organize": words("organize a picnic|plan a surprise|buy a ticket|bake something special|make a video|write a song|cook a meal|" +
			"prepare a quiz|book a table|choose a present|save a seat|sign a card|plan a short trip|organize a party"),
		"favor": words("watching the children|turning the music down|opening the window|answering the door|waiting in the hall|" +
			"feeding the cat|making some coffee|holding the ladder|keeping an eye on the oven|carrying the boxes|walking the dog|" +
			"setting the table|lending me your phone|cutting the bread"),
		"while": words("cooks dinner|talks to the doctor|finishes the report|fixes the lamp|takes a shower|looks for the keys|parks the car|" +
			"makes a phone call|reads the contract|gets some sleep|cleans the kitchen|writes the invitations"),
		"mood": words("tired|happy|nervous|relaxed|cheerful|quiet|worried|confident|stressed|proud|lonely|excited|calm|angry|sad|bored"),
		"lately": words("lately|recently|all week|since Monday|since the weekend|since the exam|since the trip|these days|" +
			"since the meeting|for weeks|since last month|since the holidays"),
		"hobby": words("learning the guitar|taking painting classes|training for a marathon|collecting old maps|singing in a choir|" +
			"growing tomatoes|studying the stars|practicing yoga|building a small boat|writing a blog|playing in a band|" +
			"learning to dance|restoring old radios|making pottery|baking bread|playing badminton"),
		"since":    join(each("since *", months), words("since the summer|since the winter|for a year|for two years|for six months|for a few weeks")),
		"forecast": words("it rains|it snows|it is foggy|it is windy|the storm comes|it is cloudy|it is icy|it thunders|it gets cold|the fog gets thick"),
		"indoors": words("stay at home|take the bus|cancel the picnic|go to the movies|cook at home|take a taxi|drive slowly|" +
			"carry an umbrella|leave earlier|wear a warm coat|read a good book|invite some friends|work from home|visit the museum|" +
			"change the plan|take the train"),
		"felt": words("nervous|proud|tired|happy|disappointed|relieved|surprised|excited|confident|embarrassed|lonely|grateful|confused|calm"),
		"event": words("the job interview|the driving test|the wedding|the concert|the argument|the final exam|the long flight|" +
			"the first day at work|the football match|the school reunion|the birthday party|the speech"),
		"offended": words("forgot your birthday|broke your favorite cup|missed the appointment|came so late|lost your umbrella|" +
			"woke the baby|ate the last piece of cake|took the wrong coat|did not call you back|spilled coffee on the sofa|" +
			"scratched your car|did not answer your letter|left the door open|was so rude"),
		"might": words("sell the car|move to the coast|change jobs|start a small business|study another language|buy a bigger house|" +
			"travel around the world|work part time|take a long vacation|go back to school|retire early|learn to fly"),
		"depends": words("if the price is right|if the bank agrees|if everything goes well|if there is enough money|if the family agrees|" +
			"if the weather gets better|if the exam goes well|if nothing else works|if the boss says yes|if there is enough time|" +
			"if the doctor agrees|if the children are happy"),
		"whenPlan": words("next year|in the spring|in the fall|after the summer"),
		"while_was": words("was cooking dinner|was driving home|was walking in the park|was waiting for the bus|was giving a talk|" +
			"was sleeping|was cleaning the windows|was talking to a customer|was running in the woods|was watching the game|" +
			"was shopping downtown|was working in the garden|was crossing the bridge|was reading on the balcony|" +
			"was having lunch|was visiting a friend"),
		"happened": words("the rain began|the phone rang twice|a strange dog appeared|the streetlights went out|somebody shouted for help|" +
			"a police car passed|the fire alarm went off|the wind got stronger|the sun came out|a helicopter landed nearby|" +
			"all the bells rang|an old friend called"),
		"health": words("see a doctor about the headaches|get more sleep|drink less coffee|join a gym|try yoga|eat more vegetables|" +
			"stop smoking|take a few days off|see a dentist|go for more walks|eat a proper breakfast|spend less time online|" +
			"check the blood pressure|stretch after running"),
		"sometime": words("as soon as possible|before the summer|after the vacation|this month|when the exams are over|if there is time|" +
			"before it is too late|this winter|in the next few weeks|after the move|when things calm down|before the trip"),
	},
	questions: []pattern{
		{"Has {someone} ever {traveled} in {city}?", words("Present Perfect|Travel|Small Talk")},
		{"How long has {someone} been {working} in {city}?", words("Present Perfect Continuous|Work")},
		{"What will {someone} do if {trouble} {soon}?", words("Conditionals|Plans")},
		{"Are the {products} {outlet} made in {west} or in {east}?", words("Passive Voice|Shopping")},
		{"Was it {someone} who {fixed} {past}?", words("Past Simple|Technology")},
		{"Do you think {someone} should {saving} {soon}?", words("Modals|Money|Opinions")},
		{"Why don't we {organize} for {someone} {soon}?", words("Present Simple|Suggestions|Plans")},
		{"Would you mind {favor} while {someone} {while}?", words("Modals|Home|Requests")},
		{"Have you noticed how {mood} {someone} has been {lately}?", words("Present Perfect|Feelings|Opinions")},
		{"What was {someone} doing when {happened} {past}?", words("Past Continuous|City Life")},
	},
	answers: []pattern{
		{"{someone} has {traveled} in {city}.", words("Present Perfect|Travel")},
		{"{someone} has been {hobby} {since}.", words("Present Perfect Continuous|Hobbies")},
		{"If {forecast} {soon}, {someone} will {indoors}.", words("Conditionals|Weather|Plans")},
		{"These {products} are made in {country} and {sold}.", words("Passive Voice|Shopping")},
		{"{someone} {fixed} {past}.", words("Past Simple|Technology")},
		{"{someone} might {might} {whenPlan} {depends}.", words("Modals|Money|Plans")},
		{"{someone} felt {felt} after {event} {past}.", words("Past Simple|Feelings")},
		{"I am sorry that {someone} {offended} {past}.", words("Past Simple|Apologies")},
		{"While {someone} {while_was}, {happened}.", words("Past Continuous|City Life")},
		{"The doctor thinks that {someone} should {health} {sometime}.", words("Modals|Health|Advice")},
	},
}
