package acme

// The cast: the people that the demo and the stories call by name, by e-mail address (each is also the Okta login). Who
// is what is checked by the tests beside this file, so a story can lean on it.
const (
	// Eleanor Marsh is the chief executive: she has no manager, so every chain that starts with one needs its fallback.
	Eleanor = "eleanor.marsh@acme.example"

	// Ada Okonkwo leaves, and nothing of hers may stay. Berlin; IT Department, Berlin Office, Engineers and All Employees
	// by rule; two project groups and a role group directly, none of them pushed; Miro directly; the role APP_ADMIN;
	// three factors. Her manager is Noemi.
	Ada = "ada.okonkwo@acme.example"
	// Lena Vogel leaves, and named residuals stay: two imported groups. Two of her groups are pushed to apps; Salesforce
	// is hers both directly and by group; Tableau and DocuSign directly. She manages the EMEA sales team; Rosa manages her.
	Lena = "lena.vogel@acme.example"
	// Emil Novotny is the emergency: a site reliability engineer in São Paulo with AWS production access.
	Emil = "emil.novotny@acme.example"
	// Ivo Markovic is under legal hold.
	Ivo = "ivo.markovic@acme.example"

	// Ben Whitaker asks for access and gets it: Mara is his manager, Omar owns the app, Rosa heads his department.
	Ben = "ben.whitaker@acme.example"
	// Clara O'Brien asks and is rejected. Same manager and department as Ben; the name carries an apostrophe.
	Clara = "clara.obrien@acme.example"
	// Dmitri Volkov asks and nobody answers, so his request expires. Same manager and department as Ben.
	Dmitri = "dmitri.volkov@acme.example"
	// Jonas Eriksen asks for Tableau, which he has already (directly).
	Jonas = "jonas.eriksen@acme.example"
	// Gabriela Pacheco is the person that Mara asks for: São Paulo.
	Gabriela = "gabriela.pacheco@acme.example"
	// Priya Menon asks under the desk's own approvals: Bengaluru, manager Renata Albuquerque.
	Priya = "priya.menon@acme.example"
	// Felix Hartmann asks under the desk's stage: Berlin, manager Ingrid Halvorsen.
	Felix = "felix.hartmann@acme.example"
	// Yusuf Demir asks for AWS production, which needs several of Security Operations.
	Yusuf = "yusuf.demir@acme.example"
	// Hannah Goldberg asks for several items in one request.
	Hannah = "hannah.goldberg@acme.example"

	// Mara Delacroix manages the Americas sales team. Her own manager, Rosa, heads her department too: a chain of manager
	// and head needs distinct people.
	Mara = "mara.delacroix@acme.example"
	// Rosa Ferreira heads Sales.
	Rosa = "rosa.ferreira@acme.example"
	// Omar Haddad owns Salesforce, Tableau and other apps, and is an agent: when he asks for one of them himself, the
	// owner's level must not be his.
	Omar = "omar.haddad@acme.example"

	// Farah Nasser leads HR Operations, who may ask for joiners, movers and leavers.
	Farah = "farah.nasser@acme.example"
	// Grace Achterberg leads Security Operations, who may call an emergency. She holds READ_ONLY_ADMIN.
	Grace = "grace.achterberg@acme.example"
	// Hiro Tanabe heads Security.
	Hiro = "hiro.tanabe@acme.example"
	// Tariq Mansour leads the IT Service Desk; a group gives him HELP_DESK_ADMIN.
	Tariq = "tariq.mansour@acme.example"
	// Noemi Szabó (Noémi) leads the Identity Team, owns Latchkey and holds ORG_ADMIN.
	Noemi = "noemi.szabo@acme.example"
	// Viktor Petrescu heads IT and is the only human SUPER_ADMIN: the last-admin guard's case.
	Viktor = "viktor.petrescu@acme.example"
	// Josephine Hale is the general counsel.
	Josephine = "josephine.hale@acme.example"
)

// One account in each of Okta's other statuses.
const (
	Stella = "stella.moreau@acme.example"     // STAGED: has not started yet
	Camila = "camila.figueiredo@acme.example" // PROVISIONED: has not finished her first sign-in
	Ruth   = "ruth.abernathy@acme.example"    // RECOVERY
	Pavel  = "pavel.sorokin@acme.example"     // PASSWORD_EXPIRED
	Luca   = "luca.romano@acme.example"       // LOCKED_OUT
	Sofia  = "sofia.marinescu@acme.example"   // SUSPENDED: on long leave, with a direct app and a project group
	Dieter = "dieter.baumann@acme.example"    // DEPROVISIONED: left; his project membership outlived him, as at Okta
)

// Addresses that try the tools.
const (
	Noor  = "noor.vandijk+contractor@acme.example" // a plus sign, which a URL must escape
	Niamh = "niamh.o'sullivan@acme.example"        // an apostrophe, which a filter string must escape

	// Reception is the mailbox that two receptionists share: looking a person up by it finds several.
	Reception = "reception.saopaulo@acme.example"
	Ines      = "ines.guerreiro@acme.example" // login only; Freshservice knows her by Reception
	Tomas     = "tomas.rocha@acme.example"    // login only; Freshservice does not know him
)

// Accounts that are nobody's and that Latchkey never touches.
const (
	ServiceLatchkey = "svc-latchkey@acme.example" // owns Latchkey's Okta token (SUPER_ADMIN) and Freshservice key
	ServiceBackup   = "svc-backup@acme.example"
	BreakGlass1     = "breakglass-1@acme.example"
	BreakGlass2     = "breakglass-2@acme.example"
)
