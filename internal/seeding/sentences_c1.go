package seeding

// C1: inversion, cautious modality, idiom, reported speech with insist and admit, future perfect, denser clauses.
var c1 = course{
	level: "C1",
	lists: map[string][]string{
		"innovation": words("remote work|artificial intelligence|online banking|facial recognition|electric transport|social media|" +
			"automated translation|digital payment|mobile internet|home delivery|video streaming|satellite navigation"),
		"reshaped": words("reshaped|undermined|transformed|enriched|complicated|disrupted"),
		"sphere": words("family life|local politics|the labor market|public debate|small business|the housing market|schooling|medical care|" +
			"the nightlife|friendship|journalism|public transportation"),
		"wont": words("so swiftly|so quietly|so thoroughly|so unevenly|so visibly|so painfully"),
		"aware": words("the hidden costs|the legal dispute|the impending merger|the budget deficit|the conflict of interest|" +
			"the looming strike|the flaw in the design|the rumors|the new regulations|the board's misgivings|the pending lawsuit|" +
			"the shortage of staff|the audit|the deadline"),
		"venture": words("would the project have gone ahead|would the contract have been signed|would the launch have been put on hold|" +
			"would the investors have pulled out|would the outcome have been any different|would the deal have fallen through|" +
			"would the team have been disbanded|would the scandal have come to light|would the office have been relocated|" +
			"would negotiations have broken down|would anyone have objected|would the plant have been shut down|" +
			"would the savings have been wiped out|would the company have survived"),
		"project": words("the merger|the product launch|the reorganization|the training program|the annual conference|the survey|" +
			"the advertising campaign|the pilot study|the redesign|the relocation|the recruitment drive|the expansion"),
		"fate": words("be postponed|be called off|be scaled back|be taken more seriously|be handed over to experts|be subjected to review|" +
			"be kept under wraps|be funded more generously"),
		"hastily": words("on purely financial grounds|despite all objections|in everybody's interest|until the figures were in|" +
			"at the last minute|on ethical grounds|without consulting the staff|for the time being"),
		"policy": words("the congestion charge|the ban on plastic bags|the recycling scheme|the cycle lane network|the wetland reserve|" +
			"the tree-planting program|the carbon tax|the flood barrier|the solar subsidy|the clean air zone|the river cleanup|" +
			"the water-saving campaign"),
		"enacted": words("introduced|pushed through|financed|justified|accepted|maintained"),
		"backing": words("without public support|without a fierce debate|without foreign funding|without raising taxes|" +
			"without the backing of local businesses|without years of protest"),
		"benefit": words("spurred innovation|cut costs|won over the skeptics|created jobs|improved public health|drew in visitors|" +
			"set an example for others|revived the neighborhood|brought residents together|cleared the air|paid for itself|" +
			"changed people's habits"),
		"welcomed": words("warmly received|swiftly implemented|surprisingly popular|well designed|widely praised|cheap to run"),
		"shock": words("the truth had come out|the promise had been broken|the secret had been let slip|the apology had been turned down|" +
			"the letter had been opened|the friendship had fallen apart|the compliment had been taken the wrong way|" +
			"nobody had turned up|the invitation had been withdrawn|the surprise had been spoiled|the criticism had been made in public|" +
			"the decision had gone the other way|the joke had backfired|the rumor had turned out to be true"),
		"moment": words("after all those years|in the middle of the crisis|on the eve of the exam|at the worst possible time|" +
			"without any warning|on the day of the wedding|just before the vote|in the midst of the celebrations|before the anniversary|" +
			"a year earlier|the night before the premiere|shortly after the funeral|on New Year's Eve|the day before the move"),
		"milestone": words("the mortgage is paid off|the children have left home|the renovation is complete|the lease runs out|" +
			"the pension reform takes effect|the scholarship ends|the business breaks even|the next recession hits|" +
			"the interest rates come down|the inheritance is settled|the new house is built|the bonds mature|" +
			"the twins start college|the retirement age is raised"),
		"saved": words("saved enough to retire|paid back every cent|put aside a small fortune|squandered the savings|come into money|" +
			"built up a decent portfolio|sold the last of the shares|set up a trust fund|worked off the debt|made a tidy profit|" +
			"settled all outstanding bills|doubled the investment|refinanced the loan|written off the losses|moved into a smaller house"),
		"persuade": words("see a specialist|seek professional help|undergo treatment|cut down on overtime|have the operation|" +
			"adopt a healthier lifestyle|come to terms with the diagnosis|try physical therapy|slow down a little|join a support group|" +
			"get a second opinion|give therapy another chance|take a proper rest|give the new drug a try"),
		"instead": words("instead of soldiering on|rather than jumping to conclusions|rather than burning the candle at both ends|" +
			"instead of brushing the warnings aside|rather than bottling everything up|instead of pinning all hopes on a miracle|" +
			"rather than leaving things to chance|instead of putting it off indefinitely|rather than going it alone|" +
			"instead of taking yet another painkiller|rather than making a fuss|instead of sweeping it under the rug|" +
			"rather than waiting for a crisis|instead of clinging to old habits"),
		"attract": words("put up with the soaring rents|turn a blind eye to the traffic|take the nightlife for granted|" +
			"grumble about the noise|resist any change to the skyline|feel at home within weeks|flock to the old quarter|" +
			"look down on the suburbs|complain about the council|settle for tiny apartments|steer clear of the center|" +
			"wax lyrical about the past"),
		"residents": words("so many residents|most newcomers|so many students|some long-time tenants|so few commuters|many shopkeepers|" +
			"so many artists|all the landlords"),
		"given": words("given the cost of living|given the alternatives|despite the official promises|in spite of everything|" +
			"even in times of crisis|after all that has been said"),
		"declined": words("turned down a partnership|masterminded the takeover|been offered a seat on the board|resigned in protest|" +
			"leaked the figures|negotiated the settlement|been passed over for promotion|built the company from scratch|" +
			"made a fortune in consulting|fallen out with the directors|poached half the staff|talked the board into expanding|" +
			"overseen the layoffs|drafted the entire strategy"),
		"never": words("go back to work|resume the training|cut the treatment short|exceed the recommended dose|drive a car|" +
			"rely on remedies from the internet|overdo the exercises|take a sauna|travel by plane|lift anything heavy|skip a dose|" +
			"drink alcohol|remove the bandage|cancel the follow-up appointment"),
		"consult": words("before consulting a specialist|before the results are in|without medical advice|however tempting it may be|" +
			"until the wound has healed|no matter what the label says|until the fever has gone down|before the final examination|" +
			"without informing the clinic|while the infection lasts|until further notice|during the recovery|" +
			"before speaking to the pharmacist|whatever anyone else may say"),
		"demanding": words("daunting|grueling|hopeless|thankless|trivial|absurd"),
		"ordeal": words("the divorce|the rehearsal schedule|the rivalry|the dissertation|the long separation|the public criticism|" +
			"the paperwork|the wait for an answer|the constant comparison|the move abroad|the family feud|the pressure"),
		"yet": words("lose heart|show any sign of weakness|let anyone down|give way to despair|utter a word of complaint|lose that sense of humor|" +
			"admit defeat|ask for sympathy|shed a tear|run out of patience"),
		"admitted": words("admitted|insisted|conceded|denied|hinted|claimed|maintained|acknowledged"),
		"audience": words("to the press|to the board|to the shareholders|to the staff|to the committee|to the union|to the regulators|" +
			"to the investors|in an interview|behind closed doors|in public|under pressure|at the meeting|in private"),
		"mishandled": words("had been mishandled|had been rushed through|had been watered down|had been sabotaged|" +
			"had been doomed from the start|had exceeded all expectations|had been signed off too early|had been kept secret"),
		"setback": words("the software had been left unpatched|the backup had failed|the data had been tampered with|" +
			"the warning had been ignored|the outage had been caused on purpose|the algorithm had been altered|" +
			"the prototype had been copied|the contract had been breached|the servers had been overloaded|" +
			"the passwords had been leaked|the patent had expired|the test had been rigged|the source of the leak had been found|" +
			"the vulnerability had been exploited"),
		"back_then": words("months earlier|well before the launch|as early as last year|the night before the demonstration|" +
			"during the test phase|while the team was on vacation|a week before the deadline|over the holidays|" +
			"in the course of the merger|before the audit|at an early stage|the previous winter|in the dead of night|" +
			"long before the scandal"),
	},
	questions: []pattern{
		{"To what extent has {innovation} {reshaped} {sphere} in {city}?", words("Present Perfect|Technology|Opinions")},
		{"Had {someone} known about {aware}, {venture}?", words("Conditionals|Work")},
		{"Was it not {someone} who insisted that {project} {fate} {hastily}?", words("Reported Speech|Work")},
		{"Could {policy} in {city} have been {enacted} {backing}?", words("Passive Voice|Modals|Environment")},
		{"How would {someone} have reacted if {shock} {moment}?", words("Conditionals|Feelings")},
		{"By the time {milestone}, will {someone} have {saved}?", words("Future|Money|Plans")},
		{"Might {someone} be persuaded to {persuade} {instead}?", words("Modals|Health|Suggestions")},
		{"Why do {residents} in {city} {attract}, {given}?", words("Present Simple|City Life|Complaints")},
	},
	answers: []pattern{
		{"Rarely has {innovation} {reshaped} {sphere} {wont} as in {city}.", words("Present Perfect|Technology|Opinions")},
		{"{someone} {admitted} {audience} that {project} {mishandled}.", words("Reported Speech|Work")},
		{"Not only was {policy} in {city} {welcomed}, but it also {benefit}.", words("Passive Voice|Environment")},
		{"{someone} is said to have {declined} in {city}.", words("Passive Voice|Work")},
		{"By the time {milestone}, {someone} will have {saved}.", words("Future|Money|Plans")},
		{"Under no circumstances should {someone} {never} {consult}.", words("Modals|Health|Advice")},
		{"However {demanding} {ordeal} may seem, {someone} has yet to {yet}.", words("Present Perfect|Feelings|Opinions")},
		{"Only later did {someone} find out that {setback} {back_then}.", words("Past Perfect|Technology")},
	},
}
