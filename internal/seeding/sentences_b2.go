package seeding

// B2: passives, second and third conditional, reported speech, past perfect, phrasal verbs, used to.
var b2 = course{
	level: "B2",
	lists: map[string][]string{
		"document": words("the report|the contract|the invoice|the budget|the proposal|the schedule|the guest list|the press release|" +
			"the questionnaire|the application|the summary|the agreement"),
		"handled": words("checked|signed|approved|rewritten|sent out|translated|rejected|printed|corrected|put together"),
		"if_work": words("the company moved its office|the manager resigned|the salaries were cut|the factory closed down|" +
			"the project ran out of money|the best customer went bankrupt|the whole team had to work on weekends|" +
			"a competitor offered a better job|the contract was not renewed|everybody had to reapply for the job|" +
			"the boss turned the offer down|the deadline were brought forward"),
		"some_time": words("next week|next month|next year|before the summer|in the middle of the project|tomorrow|all of a sudden|" +
			"after the merger|without warning|in the spring|in the fall|at the end of the year|right after the training|this year|" +
			"before the trade fair|at short notice|this month|on the first of May"),
		"service": words("the flight|the night train|the direct bus|the airport shuttle|the boat trip|the guided tour|the business trip|" +
			"the class trip"),
		"changed": words("canceled|delayed|overbooked|moved to another day|fully booked|confirmed|paid for|cut short"),
		"studied": words("finished the essay|handed in the homework|read the first chapter|taken the exam|found a study partner|" +
			"looked up the new words|signed up for the course|bought the textbook|memorized the poem|given the presentation|" +
			"chosen a topic|repeated the experiment|dropped the course|passed the test|written the summary|joined the debate club"),
		"school_event": words("the class began|the results came out|the teacher arrived|the library closed|the semester ended|the bell rang|" +
			"the deadline passed|the new students came|the lecture was over|the school year started|the others got started|the vacation began|" +
			"the classroom was unlocked"),
		"warming": words("rising temperatures|longer droughts|stronger storms|melting glaciers|higher sea levels|dirtier air|" +
			"cheaper solar power|a tax on plastic|a ban on diesel cars|rising water prices|frequent floods|shrinking forests|" +
			"warmer winters|new wind farms|stricter recycling rules|a shortage of water|new highways"),
		"group": words("farmers|tourists|fishing families|small businesses|young families|commuters|hotel owners|older residents|" +
			"factory workers|students|taxi drivers|restaurant owners|hikers|winemakers|night workers|schoolchildren|beekeepers"),
		"regret": words("read the contract more carefully|asked the bank for advice|compared the prices|kept the receipt|saved some money|" +
			"put the bill aside|paid the deposit|insured the house|checked the account|turned down the loan|" +
			"negotiated a lower price|cut back on spending|looked into the fees|sold the shares|called the insurance company"),
		"too_late": words("before the prices went up|before the sale ended|before it was too late|before the bank closed|" +
			"before the market crashed|before the fees changed|long ago|when there was still time|before the crisis|" +
			"before the end of the year|before the interest rates rose|last spring|weeks ago|before the renovation"),
		"symptom": words("having headaches|feeling dizzy|sleeping badly|coughing at night|losing weight|taking those pills|having back pain|" +
			"skipping meals|getting nosebleeds|suffering from hay fever|feeling worn out|walking with a stick|limping|avoiding stairs|waking up tired"),
		"diagnosis": words("before the doctor was called|before the allergy was discovered|before anyone noticed|before the test results came|" +
			"before the treatment began|before the family found out|before the operation|before the accident happened|" +
			"before a specialist was found|before the cause became clear|before the new medicine helped|before the hospital got in touch|before the X-ray was taken|before the surgery was planned"),
		"settling": words("living alone|the noise|the long commute|sharing a kitchen|the crowded trains|getting up early|the hot summers|" +
			"the fast pace of life|cycling to work|the high rents|the local food|working nights"),
		"if_had": words("had booked earlier|had checked the website|had not lost the passport|had set the alarm|had listened to the forecast|" +
			"had kept the tickets|had asked the guide|had not overslept|had left on time|had packed the night before"),
		"tour":   words("trip|flight|visit|journey|tour|vacation"),
		"better": words("cheaper|easier|more pleasant|less stressful|shorter|more relaxing"),
		"gadget": words("the new app|the old server|the printer|the website|the electronic lock|the security camera|the payment system|" +
			"the navigation system|the smart speaker|the tablet|the backup|the ticket machine"),
		"crashed": words("had crashed twice|had been hacked|had stopped working|had been updated|had broken down again|" +
			"had been switched off|had lost all the data|had slowed everything down|had been replaced|had caused a lot of trouble"),
		"that_day": words("that morning|the night before|the week before|that afternoon|during the meeting|over the weekend|" +
			"a few days earlier|while nobody was watching"),
		"climate": words("the harvest|the gardens|the fishing industry|the tourist season|the air quality|the price of food|" +
			"the local wildlife|the river|the coastline|the power grid|public health|the parks|the housing market|the vineyards|the water quality|the traffic"),
		"quiet": words("read a novel at home|stay in and cook|paint in the garden|go for a long walk|play the piano|watch a documentary|" +
			"look after the roses|do a crossword|go fishing alone|listen to old records|learn a new recipe|go to bed early|write some letters|mend the old clock"),
		"lively": words("go out to a club|sit through a football match|queue for a rock concert|spend the day at the mall|" +
			"take part in a marathon|go to a crowded beach|join a karaoke night|go camping in the rain|play video games all night|" +
			"be dragged to another party|go to the gym|stand in line for the roller coaster|sing in front of strangers|go bungee jumping"),
		"ordered": words("sofa|washing machine|dining table|wardrobe|carpet|refrigerator|bookcase|bicycle|bed frame|lawn mower|" +
			"coffee machine|set of chairs|oven|desk|mattress|stereo|tent|piano stool|dishwasher|lamp"),
		"promised": words("delivered|collected|repaired|exchanged|replaced|assembled"),
		"still": words("but nobody has turned up|but it never came|but we are still waiting|but no one answers the phone|" +
			"but the store keeps putting us off"),
		"recovery": words("feeling much better|sleeping well|working out regularly|eating properly|taking vitamins|taking things easier|" +
			"cutting down on sugar|doing back exercises|taking the stairs|putting on weight|going for checkups|drinking herbal tea|" +
			"staying off cigarettes|cooking without salt"),
		"turning": words("ever since the operation|ever since the vacation|ever since the diet began|since giving up coffee|" +
			"since moving to the countryside|ever since the accident|since changing jobs|since the new medicine was prescribed|" +
			"since joining the clinic's program|ever since retirement|since the heart attack|since the birth of the twins|" +
			"since taking up swimming|since the long illness"),
	},
	questions: []pattern{
		{"Was {document} {handled} by {someone} {past}?", words("Passive Voice|Work")},
		{"What would {someone} do if {if_work} {some_time}?", words("Conditionals|Work")},
		{"Did {someone} say that {service} to {city} had been {changed}?", words("Reported Speech|Travel")},
		{"Had {someone} already {studied} by the time {school_event}?", words("Past Perfect|School")},
		{"How might {warming} affect {group} in {city}?", words("Modals|Environment|Opinions")},
		{"Shouldn't {someone} have {regret} {too_late}?", words("Modals|Money|Advice")},
		{"How long had {someone} been {symptom} {diagnosis}?", words("Past Perfect|Health")},
		{"Is {someone} getting used to {settling} in {city}?", words("Present Continuous|City Life|Feelings")},
	},
	answers: []pattern{
		{"The {tour} to {city} would have been {better} if {someone} {if_had}.", words("Conditionals|Travel")},
		{"{someone} told me that {gadget} {crashed} {that_day}.", words("Reported Speech|Technology")},
		{"By the time {school_event}, {someone} had already {studied}.", words("Past Perfect|School")},
		{"{warming} could affect {climate} in {city}.", words("Modals|Environment")},
		{"{someone} would rather {quiet} than {lively}.", words("Modals|Hobbies|Opinions")},
		{"The {ordered} from {city} was supposed to be {promised} {past}, {still}.", words("Passive Voice|Shopping|Complaints")},
		{"{someone} has been {recovery} {turning}.", words("Present Perfect Continuous|Health")},
		{"{document} was {handled} by {someone} {past}.", words("Passive Voice|Work")},
	},
}
