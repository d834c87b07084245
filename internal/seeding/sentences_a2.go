package seeding

// A2: past simple and continuous, going to, comparatives, should, have to, could, would like.
var a2 = course{
	level: "A2",
	lists: map[string][]string{
		"do": words("visit the museum|go to the concert|play tennis|go fishing|take dance lessons|bake a cake|watch the game|paint the boat|" +
			"go camping|write a song|play chess|go to the theater|join the choir|run in the park|learn magic tricks|go skiing"),
		"did": words("visited the museum|went to the concert|played tennis|went fishing|took dance lessons|baked a cake|watched the game|" +
			"painted the boat|went camping|wrote a song|played chess|went to the theater|joined the choir|ran in the park|" +
			"learned a magic trick|went skiing"),
		"company": words("with friends|with two friends|with the family|with a neighbor|with some students|with a cousin|with the children|" +
			"with an old friend|with some coworkers|with the neighbors|with some old classmates|with some friends from work"),
		"busy": words("cooking dinner|taking a shower|watching a movie|cleaning the kitchen|having breakfast|talking on the phone|" +
			"feeding the baby|making a cake|washing the dishes|writing an email|looking for the keys|fixing the lamp|doing the laundry|" +
			"setting the table|reading a magazine|painting the door"),
		"surprise": words("the lights went out|the phone rang|the rain started|the guests arrived|the doorbell rang|the cat came in|" +
			"the taxi came|the baby woke up|the neighbors called|the glass broke|the dog ran away|the snow began to fall|" +
			"the music stopped|the window broke"),
		"evening": words("last night|yesterday|on Monday evening|on Tuesday evening|on Wednesday evening|on Thursday evening|" +
			"on Friday evening|on Saturday evening|on Sunday evening|yesterday morning|yesterday evening|this morning"),
		"plan": words("buy a new car|start a driving course|start a new job|move to another city|invite the neighbors|paint the house|" +
			"visit the dentist|sell the old bike|take a day off|start Italian lessons|join a gym|look for an apartment|" +
			"have a big party|cook for everybody|clean the garage|adopt a cat"),
		"place": words("hotel|museum|station|airport|market|park|beach|library|stadium|zoo|harbor|theater"),
		"comparative": words("bigger|smaller|older|newer|busier|quieter|cleaner|more famous|more beautiful|more modern|more crowded|" +
			"easier to find"),
		"habit": words("eat out|use the bus|ride bikes|go to the movies|drink tea|take taxis|go to the gym|walk to work|shop at markets|" +
			"visit museums|work at night|play football|go to concerts|watch the news|eat fish|drink coffee|meet their neighbors|" +
			"go dancing|take the subway|read newspapers|cook at home|get up early"),
		"health": words("see a doctor|stay in bed|drink more water|go to the dentist|sleep more|eat less sugar|take the medicine|" +
			"call the hospital|rest at home|do more exercise|drink less coffee|go to bed early|eat more fruit|wear warm clothes"),
		"when": join(words("today|this week|tonight|this afternoon|this month|this evening|right now"), each("on *", weekdays)),
		"groceries": words("some milk|some bread|some apples|some eggs|a newspaper|some flowers|a birthday card|some stamps|some butter|" +
			"a bag of rice|some cheese|a box of tea|some shampoo|a bottle of water|some batteries|some sugar"),
		"shop": words("at the market|at the supermarket|on your way home|after work|at the store|in town|at the corner store|" +
			"before dinner|this afternoon|at the mall|downtown|tomorrow"),
		"trip": words("flight|trip|train ride|vacation|visit|bus trip|drive|holiday"),
		"duty": words("work late|call the boss|answer the emails|write a report|go to a meeting|wear a uniform|talk to a customer|" +
			"finish the project|train a new coworker|check the numbers|clean the office|print the documents|open the store early|" +
			"send the invoices|close the office|work from home"),
		"join": words("have dinner|go to the beach|watch the fireworks|play cards|go hiking|see a show|come to the party|go bowling|" +
			"have a barbecue|go sailing|visit the castle|drive to the lake|go to the festival|have brunch|go ice skating|go to the fair"),
		"dish": words("the soup|the steak|the grilled fish|the chicken curry|the vegetable pie|the pasta|the fried rice|the lamb|" +
			"the tomato salad|the mushroom pizza|the seafood|the noodles|the bean stew|the onion soup|the roast beef|the spicy beans"),
		"diner": words("at the new restaurant|at the hotel|at a small restaurant|at the cafeteria|at the diner|at a street market|" +
			"at the beach bar|on the train|at a steak house|at a food truck|at the village inn|at the station"),
		"gift": words("a scarf|a jacket|a watch|a pair of gloves|a backpack|a necklace|a cookbook|a board game|a coffee mug|" +
			"an umbrella|a sweater|a pair of boots|a camera|a lamp|a hat|a puzzle"),
		"bought": words("at the market|at the mall|online|in a small store|downtown|at the airport|in a nice little store|in a department store|" +
			"at half price|near the station|for very little money|at a flea market"),
		"remember": words("lock the door|turn off the oven|water the plants|feed the dog|close the windows|clean the bathroom|make the beds|" +
			"take out the trash|wash the dishes|set the table|turn on the heating|put the milk away|bring in the laundry|" +
			"sweep the floor|put the chairs back|vacuum the carpet"),
		"arrival": words("comes home|gets here|arrives|goes to bed|leaves|wakes up|calls|starts cooking|comes back|sits down to eat|" +
			"goes to work|gets up"),
		"walk": words("Go straight ahead|Walk along the river|Follow this street|Go up the hill|Go down the stairs|Cross the square|" +
			"Walk through the park|Take the second street on the left|Take the first street on the right|Go over the bridge"),
		"until": words("until you see|and stop in front of|and you will find|and wait outside|and meet me at|as far as|and then ask at|" +
			"and turn right at|and turn left at|and walk past"),
		"sight": words("the old church|the post office|the blue hotel|the tall tower|the coffee shop|the gas station|the city hall|" +
			"the small bakery|the train station|the art gallery|the swimming pool|the bookstore|the music school|the pharmacy|" +
			"the fire station|the Italian restaurant|the big fountain|the parking garage|the flower market|the movie theater"),
		"distance": words("on the right|on the left|across from the park|near the bank|next to the school|behind the school"),
	},
	questions: []pattern{
		{"Did {someone} {do} {company} {past}?", words("Past Simple|Hobbies")},
		{"What was {someone} doing when {surprise} {evening}?", words("Past Continuous|Home")},
		{"Is {someone} going to {plan} {future}?", words("Future|Plans")},
		{"Is the {place} in {here} {comparative} than the {place} in {there}?", words("Present Simple|Travel|Opinions")},
		{"Do people in {here} {habit} more often than people in {there}?", words("Present Simple|City Life|Small Talk")},
		{"Should {someone} {health} {when}?", words("Modals|Health|Advice")},
		{"Could you buy {groceries} for {someone} {shop}?", words("Modals|Shopping|Requests")},
		{"How was {someone}'s {trip} to {city} {past}?", words("Past Simple|Travel|Small Talk")},
		{"Does {someone} have to {duty} {when}?", words("Modals|Work")},
		{"Would {someone} like to {join} with us {future}?", words("Modals|Hobbies|Invitations")},
	},
	answers: []pattern{
		{"{someone} {did} {company} {past}.", words("Past Simple|Hobbies")},
		{"{someone} was {busy} when {surprise}.", words("Past Continuous|Home")},
		{"{someone} is going to {plan} {future}.", words("Future|Plans")},
		{"The {place} in {here} is {comparative} than the {place} in {there}.", words("Present Simple|Travel|Opinions")},
		{"{someone} should {health} {when}.", words("Modals|Health|Advice")},
		{"I bought {gift} for {someone} {bought}.", words("Past Simple|Shopping")},
		{"{someone} has to {duty} {when}.", words("Modals|Work")},
		{"{someone} ordered {dish} {diner} {past}.", words("Past Simple|Food")},
		{"Please {remember} before {someone} {arrival}.", words("Imperatives|Home|Requests")},
		{"I am sorry, {someone} forgot to {remember} {evening}.", words("Past Simple|Home|Apologies")},
		{"{walk} {until} {sight} {distance}.", words("Imperatives|City Life|Directions")},
	},
}
